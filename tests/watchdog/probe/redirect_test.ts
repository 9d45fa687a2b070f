import { deepEqual, equal } from "node:assert/strict";
import { answering, probed, send, serve, whyOf } from "./servers.ts";

/** A server whose path `/` redirects to a target and whose other paths are healthy. */
function redirecting(location: (port: number) => string, status: number = 302) {
  const server = serve(async (conn, head) => {
    const root = head.startsWith("GET / ");
    const answer = `HTTP/1.1 ${status} Found\r\nLocation: ${location(server.port)}\r\n\r\n`;
    await send(conn, root ? answer : "HTTP/1.1 200 OK\r\n\r\n");
    conn.close();
  });
  return server;
}

/** The path of each request. */
function paths(requests: readonly string[]): string[] {
  return requests.map((head) => head.split(" ")[1]!);
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`a ${status} within the pod is followed`, async () => {
    await using server = redirecting(() => "/next?a=b", status);
    deepEqual(await probed(server.port), { ok: true, status: 200 });
    deepEqual(paths(server.requests), ["/", "/next?a=b"]);
  });
}

Deno.test("a 300 is not followed", async () => {
  await using server = redirecting(() => "/next", 300);
  equal(whyOf(await probed(server.port)), "status: HTTP 300 Found");
});

Deno.test("a redirect may be relative, and may name the pod's own address", async () => {
  await using relative = redirecting(() => "next");
  deepEqual(await probed(relative.port), { ok: true, status: 200 });
  await using absolute = redirecting((port) => `http://127.0.0.1:${port}/next`);
  deepEqual(await probed(absolute.port), { ok: true, status: 200 });
  await using schemeless = redirecting((port) => `//127.0.0.1:${port}/next`);
  deepEqual(await probed(schemeless.port), { ok: true, status: 200 });
});

Deno.test("a redirect to another port of the pod is followed there", async () => {
  await using other = answering("HTTP/1.1 500 No\r\n\r\nhere");
  await using server = redirecting(() => `http://127.0.0.1:${other.port}/x`);
  equal(whyOf(await probed(server.port)), "status: HTTP 500 No: here");
  deepEqual(paths(other.requests), ["/x"]);
});

/** A server that redirects so often, from `/0` on, and then is healthy. */
function chain(redirects: number) {
  return serve(async (conn, head) => {
    const step = Number(/^GET \/(\d+)/.exec(head)![1]);
    const next = `HTTP/1.1 302 Found\r\nLocation: /${step + 1}\r\n\r\n`;
    await send(conn, step < redirects ? next : "HTTP/1.1 200 OK\r\n\r\n");
    conn.close();
  });
}

Deno.test("ten redirects are followed, the eleventh is an error", async () => {
  await using ten = chain(10);
  deepEqual(await probed(ten.port, { path: "/0" }), { ok: true, status: 200 });
  await using eleven = chain(11);
  equal(whyOf(await probed(eleven.port, { path: "/0" })), "redirect: more than 10 redirects");
  equal(eleven.requests.length, 11);
});

const elsewhere: [string, string][] = [
  ["http://169.254.169.254/latest/meta-data", "which is not this pod"],
  ["http://127.0.0.2/x", "which is not this pod"],
  ["http://localhost/x", "which is not this pod"],
  ["https://example.com/", "which is not this pod"],
  ["//example.com/", "which is not this pod"],
  ["http://127.0.0.1@example.com/", "which is not this pod"],
  ["http://[::1]/", "which is not this pod"],
  ["ftp://127.0.0.1/", "which is not HTTP"],
  ["file:///etc/passwd", "which is not HTTP"],
  ["javascript:alert(1)", "which is not HTTP"],
  ["http://[", "which is no URL"],
  ["http://127.0.0.1:99999/", "which is no URL"],
];
for (const [target, why] of elsewhere) {
  Deno.test(`a redirect to ${target} is not followed, and the error names it`, async () => {
    await using server = redirecting(() => target);
    equal(whyOf(await probed(server.port)), `redirect: redirected to "${target}", ${why}`);
    equal(server.requests.length, 1);
  });
}

Deno.test("a long or dirty target is cut and cleaned", async () => {
  await using server = redirecting(() => `http://example.com/\u001b[31m${"x".repeat(5000)}`);
  const why = whyOf(await probed(server.port));
  equal(why.includes("\u001b"), false);
  equal(why.length < 200, true);
});

Deno.test("a target can put nothing into the next request but a path", async () => {
  await using server = redirecting(() => '/a b\tc\u00e9?d="e"');
  deepEqual(await probed(server.port), { ok: true, status: 200 });
  equal(/^\/[\x21-\x7e]+$/.test(paths(server.requests)[1]!), true);
});
