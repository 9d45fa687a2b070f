import { deepEqual, equal } from "node:assert/strict";
import { prober, type ProbeResult } from "../../../lib/watchdog/probe/probe.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { answering, probed, request, send, serve, until } from "./servers.ts";

/** Files and sockets that this process holds. */
function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("two thousand hung probes keep no other waiting, and end together when their time is over", async () => {
  const clock = new FakeClock();
  await using silent = serve(() => {}, { read: false });
  await using healthy = answering("HTTP/1.1 200 OK\r\n\r\n");
  const probe = prober({ clock, userAgent: "test" });
  const ended: ProbeResult[] = [];
  const hung: Promise<number>[] = [];
  // A hundred at a time, as a listener's queue is short; all of them stay under way.
  for (let batch = 1; batch <= 20; batch++) {
    for (let i = 0; i < 100; i++) {
      hung.push(probe(request(silent.port)).then((result) => ended.push(result)));
    }
    await until(() => silent.accepted() === batch * 100);
  }
  deepEqual(await probe(request(healthy.port)), { ok: true, status: 200 });
  equal(ended.length, 0);
  await clock.advance(20_000);
  await Promise.all(hung);
  equal(clock.waiting, 0);
  deepEqual(new Set(ended.map((result) => result.ok ? "ok" : result.kind)), new Set(["timeout"]));
});

/** A probe of each kind of end. */
const ends: [string, (conn: Deno.Conn) => Promise<void> | void][] = [
  ["healthy", (conn) => send(conn, "HTTP/1.1 200 OK\r\n\r\n")],
  ["unhealthy", (conn) => send(conn, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")],
  [
    "redirected elsewhere",
    (conn) => send(conn, "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n\r\n"),
  ],
  ["not HTTP", (conn) => send(conn, "220 smtp\r\n")],
  ["closed", (conn) => conn.close()],
];
for (const [what, handle] of ends) {
  Deno.test({
    name: `no file is left open by probes that end ${what}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const before = openFiles();
      {
        await using server = serve(handle);
        for (let i = 0; i < 10; i++) {
          await Promise.all(Array.from({ length: 5 }, () => probed(server.port)));
        }
        await using plain = serve(handle, { read: false });
        await probed(plain.port, { scheme: "https" });
      }
      await until(() => openFiles() <= before);
    },
  });
}

Deno.test({
  name: "no file is left open by probes that time out or are told to end, http or https",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const before = openFiles();
    {
      const clock = new FakeClock();
      const stop = new AbortController();
      await using server = serve(() => {}, { read: false });
      const probe = prober({ clock, userAgent: "test" });
      const more = [{}, { scheme: "https" as const }, { signal: stop.signal }, {
        scheme: "https" as const,
        signal: stop.signal,
      }];
      const all = more.map((one) => probe(request(server.port, one)));
      await until(() => server.accepted() === 4);
      stop.abort();
      await clock.advance(20_000);
      for (const result of await Promise.all(all)) equal(result.ok, false);
    }
    await until(() => openFiles() <= before);
  },
});
