import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { parseProbeTarget, type ProbeTarget } from "../../lib/contract/probe.ts";
import { anyText } from "./any_text.ts";

/** The target that `value` means; fails the test where it means none. */
function target(value: string): ProbeTarget {
  const parsed = parseProbeTarget(value);
  ok(!("problem" in parsed), JSON.stringify(parsed));
  return parsed;
}

/** What is wrong with `value`; fails the test where nothing is. */
function problem(value: string): string {
  const parsed = parseProbeTarget(value);
  ok("problem" in parsed, JSON.stringify(parsed));
  return parsed.problem;
}

Deno.test("POD_IP:1234/url is called over http at that port and path", () => {
  deepEqual(target("POD_IP:1234/url"), { scheme: "http", port: 1234, path: "/url" });
});

Deno.test("a probe's scheme may be named, and decides the port where none is", () => {
  deepEqual(target("http://POD_IP/url"), { scheme: "http", port: 80, path: "/url" });
  deepEqual(target("https://POD_IP/url"), { scheme: "https", port: 443, path: "/url" });
  deepEqual(target("https://POD_IP:8443/url"), { scheme: "https", port: 8443, path: "/url" });
  equal(target("POD_IP/url").port, 80);
});

Deno.test("a probe without a path calls the root", () => {
  equal(target("POD_IP:8080").path, "/");
  equal(target("POD_IP").path, "/");
  equal(target("POD_IP:8080?deep=1").path, "/?deep=1");
});

Deno.test("a probe's query is kept", () => {
  equal(target("POD_IP:8080/healthz?deep=1&x=a/b").path, "/healthz?deep=1&x=a/b");
});

Deno.test("what may not stand in a request line is percent-encoded", () => {
  equal(target("POD_IP/größe").path, "/gr%C3%B6%C3%9Fe");
  equal(target('POD_IP/"<>').path, "/%22%3C%3E");
  equal(target("POD_IP/a%20b").path, "/a%20b");
});

Deno.test("white space around a probe's address does not matter", () => {
  equal(target("  POD_IP:1234/url\n").port, 1234);
});

Deno.test("the ports 1 and 65535 are the first and the last", () => {
  equal(target("POD_IP:1/").port, 1);
  equal(target("POD_IP:65535/").port, 65_535);
  match(problem("POD_IP:0/"), /no valid port/);
  match(problem("POD_IP:65536/"), /no valid port/);
});

for (
  const value of [
    "10.0.0.1:8080/url",
    "localhost/url",
    "http://example.com/POD/url",
    "pod_ip:8080/url",
    "",
    "/url",
  ]
) {
  Deno.test(`a probe of ${JSON.stringify(value)} is refused: only the pod's own address is called`, () => {
    match(
      problem(value),
      /does not name POD_IP \(only the pod's own address is called\): expected "POD_IP:1234/,
    );
  });
}

for (
  const value of [
    "http://user@POD_IP/",
    "http://POD_IP@example.com/",
    "http://example.com/POD_IP",
    "http://POD_IP.example.com/",
    "ftp://POD_IP/",
    "POD_IP:8080url",
    "POD_IP:http/",
    "POD_IP:123456/",
    "POD_IP:-1/",
    "POD_IP:8080/a b",
    "POD_IP:8080/a#b",
    "POD_IP:8080/\r\nHost: evil",
  ]
) {
  Deno.test(`${JSON.stringify(value)} is no address that a probe could go to`, () => {
    match(problem(value), /is not an address: expected "POD_IP:1234\/url", as in POD_IP:8080\/healthz/);
  });
}

Deno.test("a problem shows what was written, cleaned and cut", () => {
  const said = problem(`\u001b[31m${"x".repeat(10_000)}`);
  ok(said.startsWith('probe "[31mxxx'), said);
  ok(said.length < 250, said);
});

Deno.test("no annotation value makes reading a probe's address throw", () => {
  fc.assert(fc.property(anyText(), (value) => void parseProbeTarget(value)));
  fc.assert(
    fc.property(anyText(), (rest) => void parseProbeTarget(`POD_IP:80/${rest}`)),
  );
});

Deno.test("whatever is written, a probe's path and port are fit for a request line", () => {
  const tail = fc.string({
    unit: fc.oneof(fc.constantFrom("/", "?", "\\", "@", ":", ".", "%"), fc.string()),
  });
  fc.assert(fc.property(tail, (tail) => {
    const parsed = parseProbeTarget(`POD_IP${tail}`);
    if ("problem" in parsed) return;
    match(parsed.path, /^\/[\x21-\x7e]*$/);
    ok(parsed.port >= 1 && parsed.port <= 65_535);
  }));
});

Deno.test("every address in its plainest form reads back as it was written", () => {
  const scheme = fc.constantFrom("http", "https");
  const path = fc.stringMatching(/^\/[a-z0-9-]{0,20}$/);
  fc.assert(fc.property(scheme, fc.integer({ min: 1, max: 65_535 }), path, (scheme, port, path) => {
    deepEqual(parseProbeTarget(`${scheme}://POD_IP:${port}${path}`), { scheme, port, path });
  }));
});
