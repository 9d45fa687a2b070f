import { deepEqual, equal, ok } from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { prober } from "../../../lib/watchdog/probe/probe.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { answering, closeQuietly, probed, request, send, serve, taken, until, whyOf } from "./servers.ts";

for (const status of [200, 204, 299]) {
  Deno.test(`HTTP ${status} is healthy`, async () => {
    await using server = answering(`HTTP/1.1 ${status} Fine\r\nContent-Length: 0\r\n\r\n`);
    deepEqual(await probed(server.port), { ok: true, status });
  });
}

Deno.test("a healthy answer of a server as people write them is healthy", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("fine"),
  );
  deepEqual(await probed(server.addr.port), { ok: true, status: 200 });
});

const failures: [string, string, string][] = [
  [
    "a short body",
    "HTTP/1.1 500 Internal Server Error\r\n\r\ndisk full",
    "500 Internal Server Error: disk full",
  ],
  ["an empty body", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503 Busy"],
  ["no reason", "HTTP/1.1 500\r\n\r\ndisk full", "500: disk full"],
  [
    "several lines, of which the first counts",
    "HTTP/1.1 500 No\r\n\r\n\n disk full\nat line 1\n",
    "500 No: disk full",
  ],
  [
    "a chunked body",
    "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndisk full\r\n0\r\n\r\n",
    "500 No: disk full",
  ],
  ["a page, which is no message", "HTTP/1.1 500 No\r\n\r\n<!doctype html><h1>Oops</h1>", "500 No"],
  [
    "control characters",
    "HTTP/1.1 500 N\u001bo\r\n\r\n\u001b[31mdisk\u0007full\u202e",
    "500 N o: [31mdisk full",
  ],
  ["a redirect without a target", "HTTP/1.1 302 Found\r\n\r\n", "302 Found"],
  ["not modified", "HTTP/1.1 304 Not Modified\r\n\r\n", "304 Not Modified"],
  ["an early end of the body", "HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\ndisk", "500 No: disk"],
  ["a length that is none", "HTTP/1.1 500 No\r\nContent-Length: many\r\n\r\ndisk", "500 No: disk"],
  ["not found", "HTTP/1.1 404 Not Found\r\n\r\n", "404 Not Found"],
  ["another protocol on offer", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "101 Switching Protocols"],
];
for (const [what, answer, words] of failures) {
  Deno.test(`an unhealthy answer is told with its words: ${what}`, async () => {
    await using server = answering(answer);
    equal(whyOf(await probed(server.port)), `status: HTTP ${words}`);
  });
}

Deno.test("a long message is cut", async () => {
  await using server = answering(`HTTP/1.1 500 No\r\n\r\n${"é".repeat(2000)}`);
  const why = whyOf(await probed(server.port));
  ok(new TextEncoder().encode(why).length < 280 && why.endsWith("…"), why);
});

Deno.test("what is sent is a plain GET of the path and query, for a server that keeps nothing open", async () => {
  await using server = answering("HTTP/1.1 200 OK\r\n\r\n");
  await probed(server.port, { path: "/a/b%20c?x=1&y=%2F&z" });
  const [line, ...headers] = server.requests[0]!.trimEnd().split("\r\n");
  equal(line, "GET /a/b%20c?x=1&y=%2F&z HTTP/1.1");
  deepEqual(headers, [
    `Host: 127.0.0.1:${server.port}`,
    "User-Agent: test/1",
    "Accept: */*",
    "Connection: close",
  ]);
});

Deno.test("a port that nobody listens on is refused", async () => {
  const server = answering("");
  await server[Symbol.asyncDispose]();
  equal(whyOf(await probed(server.port)), "refused: connection refused");
});

Deno.test("a connection that the server resets is told as such", async () => {
  const server = createServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  equal(whyOf(await probed((server.address() as AddressInfo).port)), "network: connection reset");
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
});

Deno.test("a server that closes without a word gave no answer", async () => {
  await using server = answering("");
  equal(whyOf(await probed(server.port)), "protocol: no answer at all");
});

Deno.test("a server that does not speak HTTP is told as such at its first line", async () => {
  await using server = serve((conn) => send(conn, "SSH-2.0-OpenSSH_9.9\r\n"));
  equal(whyOf(await probed(server.port)), "protocol: an answer that is not HTTP/1");
});

/** Servers that leave a probe waiting, each at another stage. */
const hangs: [string, string][] = [
  ["says nothing", ""],
  ["stops within the head", "HTTP/1.1 200 OK\r\nContent-"],
  ["sends interim answers only", "HTTP/1.1 100 Continue\r\n\r\n"],
];
for (const [what, part] of hangs) {
  Deno.test(`a server that ${what} has failed when the timeout is over, not before`, async () => {
    const clock = new FakeClock();
    let sent = false;
    await using server = serve(async (conn) => {
      await send(conn, part);
      sent = true;
    });
    let result: unknown;
    const probe = prober({ clock, userAgent: "test" });
    const done = probe(request(server.port, { timeout: 2000 })).then((found) => result = found);
    await until(() => sent);
    await clock.advance(1999);
    equal(result, undefined);
    await clock.advance(1);
    deepEqual(await done, { ok: false, kind: "timeout", why: "no answer within 2 s" });
    equal(clock.waiting, 0);
  });
}

Deno.test("the timeout is for all redirects together", async () => {
  const clock = new FakeClock();
  await using server = serve((conn) => {
    if (server.requests.length < 3) return send(conn, "HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n");
  });
  const probe = prober({ clock, userAgent: "test" });
  const done = probe(request(server.port, { timeout: 2000 }));
  await until(() => server.requests.length === 3);
  await clock.advance(2000);
  equal(whyOf(await done), "timeout: no answer within 2 s");
});

Deno.test("by the machine's clock a timeout is a timeout as well, every time", async () => {
  await using server = serve(() => {});
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => {
    return probed(server.port, { timeout: 20 + i % 10 });
  }));
  deepEqual(new Set(results.map((result) => result.ok ? "ok" : result.kind)), new Set(["timeout"]));
});

Deno.test("a probe that is told to end ends, and is no timeout", async () => {
  await using server = serve(() => {});
  const stop = new AbortController();
  const done = probed(server.port, { signal: stop.signal });
  await until(() => server.requests.length === 1);
  stop.abort();
  ok(whyOf(await done).startsWith("network: "));
});

Deno.test("a probe that was told to end before it began makes no connection", async () => {
  await using server = serve(() => {});
  for (const scheme of ["http", "https"] as const) {
    equal((await probed(server.port, { scheme, signal: AbortSignal.abort() })).ok, false);
  }
  equal(server.accepted(), 0);
});

Deno.test("an answer may be cut at every byte: complete heads count, others do not", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  const answer = `${head}body`;
  let cut = 0;
  await using server = serve(async (conn) => {
    await send(conn, answer.slice(0, cut));
    conn.close();
  });
  for (; cut <= answer.length; cut++) {
    const result = await probed(server.port);
    if (cut >= head.length) deepEqual(result, { ok: true, status: 200 });
    else equal(whyOf(result), `protocol: ${cut === 0 ? "no answer at all" : "an answer that was cut off"}`);
  }
});

Deno.test("an answer that comes in two pieces is read whole, wherever it is split", async () => {
  const answer = "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\ndisk full";
  let cut = 0;
  await using server = serve(async (conn) => {
    (conn as Deno.TcpConn).setNoDelay();
    await send(conn, answer.slice(0, cut));
    await send(conn, answer.slice(cut));
  });
  for (; cut <= answer.length; cut++) {
    equal(whyOf(await probed(server.port)), "status: HTTP 500 No: disk full", `split at ${cut}`);
  }
});

Deno.test("headers without end are refused", async () => {
  await using server = serve(async (conn) => {
    await send(conn, "HTTP/1.1 200 OK\r\n");
    for (;;) await send(conn, `A: ${"x".repeat(1000)}\r\n`);
  });
  equal(whyOf(await probed(server.port)), "protocol: headers of more than 65536 bytes");
});

Deno.test("a healthy answer with a body without end is healthy at once", async () => {
  await using server = serve(async (conn) => {
    await send(conn, "HTTP/1.1 200 OK\r\n\r\n");
    for (;;) await send(conn, "x".repeat(1000));
  });
  deepEqual(await probed(server.port), { ok: true, status: 200 });
});

Deno.test("of an unhealthy answer's body without end only what the message needs is read", async () => {
  await using server = serve(async (conn) => {
    await send(conn, "HTTP/1.1 500 No\r\n\r\n");
    for (;;) await send(conn, "x".repeat(1000));
  });
  ok(whyOf(await probed(server.port)).startsWith("status: HTTP 500 No: xxx"));
});

for (const [what, body, words] of [["never comes", "", ""], ["stops", "disk", ": disk"]] as const) {
  Deno.test(`an unhealthy answer whose body ${what} is told by its status when the timeout is over`, async () => {
    const clock = new FakeClock();
    let sent = false;
    await using server = serve(async (conn) => {
      await send(conn, `HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n${body}`);
      sent = true;
    });
    const done = prober({ clock, userAgent: "test" })(request(server.port, { timeout: 2000 }));
    await until(() => sent);
    await taken();
    await clock.advance(2000);
    equal(whyOf(await done), `status: HTTP 503 Busy${words}`);
  });
}

Deno.test("an unhealthy answer whose body is reset is told by its status", async () => {
  const server = createServer((socket) =>
    void socket.once("data", () => {
      socket.write("HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\ndisk full", () => {
        socket.resetAndDestroy();
      });
    })
  );
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  equal(whyOf(await probed((server.address() as AddressInfo).port)), "status: HTTP 500 No: disk full");
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
});

Deno.test("an environment's proxy is not used", async () => {
  await using server = answering("HTTP/1.1 200 OK\r\n\r\n");
  await using proxy = answering("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  await using plain = serve((conn) => conn.close(), { read: false });
  const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of names) Deno.env.set(name, `http://127.0.0.1:${proxy.port}`);
  try {
    deepEqual(await probed(server.port), { ok: true, status: 200 });
    await probed(plain.port, { scheme: "https" });
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
  }
  equal(proxy.accepted(), 0);
});

/** Whether this machine has IPv6 on loopback. */
const ipv6 = (() => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();

Deno.test({
  name: `a pod with an IPv6 address is probed${ipv6 ? "" : " (ignored: this machine has no ::1)"}`,
  ignore: !ipv6,
  async fn() {
    await using server = serve(async (conn, head) => {
      const found = head.startsWith("GET /found ");
      const location = `http://[::1]:${server.port}/found`;
      await send(
        conn,
        found ? "HTTP/1.1 200 OK\r\n\r\n" : `HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`,
      );
      closeQuietly(conn);
    }, { hostname: "::1" });
    deepEqual(await probed(server.port, { address: "::1" }), { ok: true, status: 200 });
    ok(server.requests[0]!.includes(`\r\nHost: [::1]:${server.port}\r\n`));
  },
});
