import { deepEqual, equal, ok } from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { prober } from "../../../lib/watchdog/probe/probe.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { answering, probed, request, send, serve, taken, until, whyOf } from "./servers.ts";

/** A certificate that nobody trusts, for a name that no pod has; `undefined` where openssl is missing. */
async function selfSigned(): Promise<{ cert: string; key: string } | undefined> {
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=nobody";
  const command = new Deno.Command("openssl", { args: [...args.split(" "), "-keyout", "-"], stderr: "null" });
  try {
    const { success, stdout } = await command.output();
    const pem = new TextDecoder().decode(stdout);
    const part = (what: string) =>
      new RegExp(`-----BEGIN ${what}-----[^-]+-----END ${what}-----`).exec(pem)?.[0];
    const [cert, key] = [part("CERTIFICATE"), part("PRIVATE KEY")];
    return success && cert && key ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

const tls = await selfSigned();

/** A test with a TLS server of its own; without openssl there is no certificate to have. */
function tlsTest(name: string, fn: (tls: { cert: string; key: string }) => Promise<void>): void {
  const missing = tls === undefined;
  Deno.test({ name: missing ? `${name} (ignored: no openssl)` : name, ignore: missing, fn: () => fn(tls!) });
}

const scheme = "https" as const;

tlsTest("an https watchdog is probed without looking at its certificate", async (tls) => {
  await using server = answering("HTTP/1.1 200 OK\r\n\r\n", { tls });
  deepEqual(await probed(server.port, { scheme }), { ok: true, status: 200 });
});

tlsTest("an https watchdog of a server as people write them is probed", async (tls) => {
  const server = createServer(tls, (_, response) => response.writeHead(500).end("disk full"));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  equal(whyOf(await probed(port, { scheme })), "status: HTTP 500 Internal Server Error: disk full");
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
});

tlsTest("an unhealthy https answer whose body never comes is told by its status", async (tls) => {
  const clock = new FakeClock();
  let sent = false;
  await using server = serve(async (conn) => {
    await send(conn, "HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n");
    sent = true;
  }, { tls });
  const done = prober({ clock, userAgent: "test" })(request(server.port, { scheme, timeout: 2000 }));
  await until(() => sent);
  await taken();
  await clock.advance(2000);
  equal(whyOf(await done), "status: HTTP 503 Busy");
});

tlsTest("an https answer may be cut at every byte as well", async (tls) => {
  const head = "HTTP/1.1 200 OK\r\n\r\n";
  let cut = 0;
  await using server = serve(async (conn) => {
    await send(conn, head.slice(0, cut));
    conn.close();
  }, { tls });
  for (; cut <= head.length; cut++) {
    equal((await probed(server.port, { scheme })).ok, cut === head.length, `cut at ${cut}`);
  }
});

tlsTest("a redirect from http to https of the same pod is followed", async (tls) => {
  await using secure = answering("HTTP/1.1 200 OK\r\n\r\n", { tls });
  await using plain = answering(
    `HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:${secure.port}/\r\n\r\n`,
  );
  deepEqual(await probed(plain.port), { ok: true, status: 200 });
});

tlsTest("a body without end over https is capped", async (tls) => {
  await using server = serve(async (conn) => {
    await send(conn, "HTTP/1.1 500 No\r\n\r\n");
    for (;;) await send(conn, "x".repeat(1000));
  }, { tls });
  ok(whyOf(await probed(server.port, { scheme })).startsWith("status: HTTP 500 No: xxx"));
});

tlsTest("plain http spoken to an https server is an error in words", async (tls) => {
  await using server = answering("HTTP/1.1 200 OK\r\n\r\n", { tls });
  equal((await probed(server.port)).ok, false);
});

Deno.test("https spoken to a plain server is said to be that", async () => {
  await using server = serve((conn) => send(conn, "HTTP/1.1 400 Bad Request\r\n\r\n"), { read: false });
  ok(whyOf(await probed(server.port, { scheme })).startsWith("tls: TLS: "));
});

Deno.test("an https port that nobody listens on is refused", async () => {
  const server = answering("");
  await server[Symbol.asyncDispose]();
  equal(whyOf(await probed(server.port, { scheme })), "refused: connection refused");
});

Deno.test("a server that closes before the handshake fails the probe", async () => {
  await using server = serve((conn) => conn.close(), { read: false });
  equal((await probed(server.port, { scheme })).ok, false);
});

Deno.test("a handshake that hangs has failed when the timeout is over", async () => {
  const clock = new FakeClock();
  await using server = serve(() => {}, { read: false });
  const done = prober({ clock, userAgent: "test" })(request(server.port, { scheme, timeout: 3000 }));
  await until(() => server.accepted() === 1);
  await clock.advance(3000);
  deepEqual(await done, { ok: false, kind: "timeout", why: "no answer within 3 s" });
});

tlsTest("an https answer that hangs has failed when the timeout is over", async (tls) => {
  const clock = new FakeClock();
  await using server = serve(() => {}, { tls });
  const done = prober({ clock, userAgent: "test" })(request(server.port, { scheme, timeout: 3000 }));
  await until(() => server.requests.length === 1);
  await clock.advance(3000);
  deepEqual(await done, { ok: false, kind: "timeout", why: "no answer within 3 s" });
});
