import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { parseProbeOptions, type ProbeOptions, probesOf } from "../../lib/contract/probe.ts";
import { anyText } from "./any_text.ts";

const defaults = { interval: 30_000, timeout: 5000 };

/** The options that `value` means; fails the test where it means none. */
function options(value: string | undefined, settings = defaults): ProbeOptions {
  const parsed = parseProbeOptions(value, settings);
  ok(!("problem" in parsed), JSON.stringify(parsed));
  return parsed;
}

/** What is wrong with `value`; fails the test where nothing is. */
function problem(value: string): string {
  const parsed = parseProbeOptions(value, defaults);
  ok("problem" in parsed, JSON.stringify(parsed));
  return parsed.problem;
}

const plain = { interval: 30_000, timeout: 5000, failures: 1, successes: 1, action: "evict" };

Deno.test("without options a probe goes by the settings, one failure is an error, one success clears it", () => {
  deepEqual(options(undefined), plain);
  deepEqual(options(""), plain);
});

Deno.test("all options can be given, in any order and with spaces", () => {
  const all = { interval: 10_000, timeout: 2000, failures: 2, successes: 3, action: "report" };
  deepEqual(options("interval=10s,timeout=2s,failures=2,successes=3,action=report"), all);
  deepEqual(options(" action = report , successes=3,, timeout=2s,interval=10s,failures=2, "), all);
});

Deno.test("an option that is not given keeps its default", () => {
  deepEqual(options("failures=5"), { ...plain, failures: 5 });
});

Deno.test("durations are written in ms, s, m and h", () => {
  equal(options("timeout=250ms").timeout, 250);
  equal(options("interval=5m").interval, 300_000);
  equal(options("interval=1h").interval, 3_600_000);
});

Deno.test("an interval is from one second to one hour", () => {
  equal(options("interval=1s").interval, 1000);
  equal(options("interval=60m").interval, 3_600_000);
  for (const wrong of ["999ms", "0s", "3601s", "2h", "10", "s", "1.5s", "-1s", "", "10 s", "1d"]) {
    match(problem(`interval=${wrong}`), /^option interval is ".*": expected a duration from 1s to 1h$/);
  }
});

Deno.test("a timeout is at most 60 seconds", () => {
  equal(options("interval=1h,timeout=60s").timeout, 60_000);
  for (const wrong of ["60001ms", "2m", "0s", "soon"]) {
    match(problem(`interval=1h,timeout=${wrong}`), /^option timeout is ".*": expected a duration up to 60s$/);
  }
});

Deno.test("a timeout is at most the interval, wherever the interval comes from", () => {
  equal(options("interval=2s,timeout=2s").timeout, 2000);
  equal(problem("interval=2s,timeout=2001ms"), "option timeout is longer than the interval (2s)");
  equal(problem("timeout=3s,interval=2s"), "option timeout is longer than the interval (2s)");
  equal(problem("timeout=31s"), "option timeout is longer than the interval (30s)");
});

Deno.test("a shorter interval shortens the timeout that the settings give", () => {
  equal(options("interval=2s").timeout, 2000);
  equal(options(undefined, { interval: 1000, timeout: 5000 }).timeout, 1000);
});

Deno.test("a threshold is a whole number from 1 to 100", () => {
  deepEqual(options("failures=1,successes=100"), { ...plain, successes: 100 });
  for (const name of ["failures", "successes"]) {
    for (const wrong of ["0", "101", "-1", "1.5", "many", "", "1e1"]) {
      equal(problem(`${name}=${wrong}`), `option ${name} is "${wrong}": expected a number from 1 to 100`);
    }
  }
});

Deno.test("an action is evict or report", () => {
  equal(options("action=evict").action, "evict");
  equal(options("action=report").action, "report");
  for (const wrong of ["delete", "Report", ""]) {
    equal(problem(`action=${wrong}`), `option action is "${wrong}": expected "evict" or "report"`);
  }
});

Deno.test("an option that is not known is told with those that are", () => {
  const known = "expected one of interval, timeout, failures, successes, action";
  equal(problem("retries=2"), `option "retries" is not known: ${known}`);
  equal(problem("evict"), `option "evict" is not known: ${known}`);
  equal(problem("constructor=1"), `option "constructor" is not known: ${known}`);
  equal(problem("=1"), `option "" is not known: ${known}`);
});

Deno.test("an option that is given twice is refused, not guessed", () => {
  equal(problem("failures=2,failures=3"), "option failures is given twice");
  equal(problem("action=report,action=report"), "option action is given twice");
});

Deno.test("a problem with an option shows it cleaned and cut", () => {
  const said = problem(`failures=\u001b[31m${"9".repeat(10_000)}`);
  ok(said.startsWith('option failures is "[31m999'), said);
  ok(said.length < 120, said);
});

Deno.test("whatever is written, options are a problem in words or within their bounds", () => {
  const word = fc.constantFrom(
    "interval",
    "timeout",
    "failures",
    "successes",
    "action",
    "=",
    ",",
    "1",
    "s",
    "m",
  );
  const value = fc.oneof(anyText(), fc.array(word).map((words) => words.join("")));
  fc.assert(fc.property(value, (value) => {
    const parsed = parseProbeOptions(value, defaults);
    if ("problem" in parsed) return ok(parsed.problem.length > 0);
    ok(parsed.interval >= 1000 && parsed.interval <= 3_600_000);
    ok(parsed.timeout > 0 && parsed.timeout <= Math.min(60_000, parsed.interval));
    ok(parsed.failures >= 1 && parsed.successes >= 1);
  }));
});

Deno.test("options within their bounds read back as they were written, in any order", () => {
  const written = fc.record({
    interval: fc.integer({ min: 60, max: 3600 }).map((s) => [`interval=${s}s`, s * 1000] as const),
    timeout: fc.integer({ min: 1, max: 60_000 }).map((ms) => [`timeout=${ms}ms`, ms] as const),
    failures: fc.integer({ min: 1, max: 100 }).map((n) => [`failures=${n}`, n] as const),
    successes: fc.integer({ min: 1, max: 100 }).map((n) => [`successes=${n}`, n] as const),
    action: fc.constantFrom("evict", "report").map((word) => [`action=${word}`, word] as const),
  }).chain((all) =>
    fc.shuffledSubarray(Object.values(all).map(([text]) => text), { minLength: 5 })
      .map((items) => ({ all, value: items.join(",") }))
  );
  fc.assert(fc.property(written, ({ all, value }) => {
    const expected = Object.fromEntries(Object.entries(all).map(([name, [, meant]]) => [name, meant]));
    deepEqual({ ...options(value) }, expected);
  }));
});

Deno.test("each probe annotation of a pod is a watchdog, with the options of its name", () => {
  deepEqual(
    probesOf({
      "probe.autocrane.io/disk": "POD_IP:8080/disk",
      "probe-options.autocrane.io/disk": "action=report",
      "probe.autocrane.io/app": "https://POD_IP/",
      "probe-options.autocrane.io/nobody": "action=report",
      "status.autocrane.io/disk": "info/2026-01-31T12:34:56/",
    }, defaults),
    [
      {
        name: "disk",
        target: { scheme: "http", port: 8080, path: "/disk" },
        options: { ...plain, action: "report" },
      },
      { name: "app", target: { scheme: "https", port: 443, path: "/" }, options: plain },
    ],
  );
});

Deno.test("a probe that cannot be read carries its problem and spoils no other", () => {
  const found = probesOf({
    "probe.autocrane.io/a": "nowhere",
    "probe.autocrane.io/b": "POD_IP",
    "probe-options.autocrane.io/b": "failures=none",
    "probe.autocrane.io/c": "POD_IP",
  }, defaults);
  deepEqual(found.map((one) => [one.name, "problem" in one]), [["a", true], ["b", true], ["c", false]]);
});
