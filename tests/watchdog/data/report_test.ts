import { deepEqual, equal, match, ok } from "node:assert/strict";
import { formatStatusReport } from "../../../lib/contract/data_version.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { type Report, reportReader } from "../../../lib/watchdog/data/report.ts";
import { answering, send, serve, type Server } from "../probe/servers.ts";
import { applied } from "./build.ts";

const report = new Map([["config", applied(7)]]);
const body = formatStatusReport(report);

function readFrom({ port }: Server, timeout = 20_000): Promise<Report> {
  const read = reportReader({ clock: systemClock, userAgent: "test/1", port });
  return read({ address: "127.0.0.1", timeout, signal: new AbortController().signal });
}

function why(result: Report): string {
  ok(!result.ok);
  return `${result.kind}: ${result.why}`;
}

function sized(text: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

Deno.test("a deployer is asked for /status on its pod's own address, and nothing else", async () => {
  await using server = answering(sized(body));
  const result = await readFrom(server);
  deepEqual(result, { ok: true, statuses: report });
  match(server.requests[0]!, /^GET \/status HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
});

Deno.test("an answer of a known length is not waited for beyond its end", async () => {
  await using server = serve((conn) => send(conn, sized(body)));
  ok((await readFrom(server)).ok);
});

Deno.test("an answer without a length ends with its connection", async () => {
  await using server = answering(`HTTP/1.1 200 OK\r\n\r\n${body}`);
  deepEqual(await readFrom(server), { ok: true, statuses: report });
});

Deno.test("an answer in chunks is joined, also where the connection stays open", async () => {
  const [a, b] = [body.slice(0, 10), body.slice(10)];
  const chunks = [a, b].map((text) => `${text.length.toString(16)};x=y\r\n${text}\r\n`).join("");
  await using server = serve((conn) =>
    send(conn, `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`)
  );
  deepEqual(await readFrom(server), { ok: true, statuses: report });
});

Deno.test("an answer that breaks off is none", async () => {
  await using cut = answering(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${body}`);
  equal(why(await readFrom(cut)), "protocol: an answer that was cut off");
  await using chunk = answering(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n${body}`);
  equal(why(await readFrom(chunk)), "protocol: an answer that was cut off");
});

Deno.test("no pod makes us read more than its annotations could hold", async () => {
  let sent = 0;
  await using endless = serve(async (conn) => {
    await send(conn, "HTTP/1.1 200 OK\r\n\r\n");
    for (;; sent += 65_536) await send(conn, new Uint8Array(65_536));
  });
  equal(why(await readFrom(endless)), "protocol: an answer of more than 262144 bytes");
  ok(sent < 64 * 1024 * 1024);
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  await using chunked = answering(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`,
  );
  equal(why(await readFrom(chunked)), "protocol: an answer of more than 262144 bytes");
});

Deno.test("a deployer that does not answer in time is given up", async () => {
  await using silent = serve(() => {});
  equal(why(await readFrom(silent, 50)), "timeout: no answer within 0.05 s");
});

Deno.test("what is no report is told for what it is", async () => {
  await using page = answering(sized("<html>"));
  equal(why(await readFrom(page)), "protocol: its answer is not JSON");
  await using away = answering("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.9/\r\n\r\n");
  equal(why(await readFrom(away)), "status: HTTP 302");
  equal(away.requests.length, 1);
  await using other = answering("SSH-2.0-OpenSSH\r\n");
  match(why(await readFrom(other)), /^protocol: an answer that is not HTTP/);
  const port = await freePort();
  const read = reportReader({ clock: systemClock, userAgent: "test/1", port });
  const signal = new AbortController().signal;
  equal(why(await read({ address: "127.0.0.1", timeout: 5000, signal })), "refused: connection refused");
});

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  await using server = answering("");
  return server.port;
}
