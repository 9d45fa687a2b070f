import { deepEqual, equal, notEqual, rejects } from "node:assert/strict";
import { fixedCredentials } from "../../lib/kube/credentials.ts";
import { HttpClients } from "../../lib/kube/http_client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { authority, leaf, otherAuthority } from "./certificates.ts";
import { accessTo, serve, transportTo } from "./harness.ts";

/** Clients for a server whose authority a test can exchange. */
function clients(url: string, ca: { value: string | undefined; reads: number }) {
  const clock = new FakeClock();
  const access = {
    ...accessTo(url),
    ca() {
      ca.reads++;
      return Promise.resolve(ca.value);
    },
  };
  const pool = new HttpClients(access, clock);
  return { clock, access, pool, [Symbol.dispose]: () => pool.close() };
}

Deno.test("a server whose certificate the authority signed is trusted, with another authority it is not", async () => {
  await using server = serve(() => Response.json({ ok: true }), leaf);
  for (
    const [ca, trusted] of [[authority, true], [otherAuthority, false], ["no certificate", false], [
      undefined,
      false,
    ]] as const
  ) {
    const access = { ...accessTo(server.url), ca: () => Promise.resolve(ca) };
    using client = transportTo(server.url, { access, retries: 0 });
    const call = client.json({ method: "GET", path: "/" });
    if (trusted) deepEqual(await call, { ok: true });
    else await rejects(call, /no answer from https:.*(certificate|UnknownIssuer)/i);
  }
});

Deno.test("one client serves all calls while nothing changed, and the authority is read once a minute", async () => {
  const ca = { value: authority, reads: 0 };
  using it = clients("https://127.0.0.1", ca);
  const first = await it.pool.get(undefined);
  await it.clock.advance(59_999);
  equal(await it.pool.get(undefined), first);
  equal(ca.reads, 1);
  await it.clock.advance(1);
  equal(await it.pool.get(undefined), first);
  equal(ca.reads, 2);
});

Deno.test("an authority that was exchanged is trusted after a minute", async () => {
  await using server = serve(() => Response.json({}), leaf);
  const ca = { value: otherAuthority, reads: 0 };
  using it = clients(server.url, ca);
  await rejects(fetch(server.url, { client: await it.pool.get(undefined) }));
  ca.value = authority;
  await it.clock.advance(60_000);
  const response = await fetch(server.url, { client: await it.pool.get(undefined) });
  equal(response.status, 200);
  await response.body?.cancel();
});

Deno.test("a renewed client certificate makes a new client", async () => {
  using it = clients("https://127.0.0.1", { value: undefined, reads: 0 });
  const without = await it.pool.get(undefined);
  const by = await it.pool.get(leaf);
  notEqual(by, without);
  equal(await it.pool.get({ ...leaf }), by);
});

Deno.test("calls under way outlive the client that a renewed credential replaces", async () => {
  const body = Promise.withResolvers<string>();
  await using server = serve(() =>
    new Response(ReadableStream.from((async function* () {
      yield new TextEncoder().encode("begun ");
      yield new TextEncoder().encode(await body.promise);
    })()))
  );
  using it = clients(server.url, { value: undefined, reads: 0 });
  const response = await fetch(server.url, { client: await it.pool.get(undefined) });
  await it.pool.get(leaf);
  body.resolve("and ended");
  equal(await response.text(), "begun and ended");
});

Deno.test("a closed pool opens again for the next call", async () => {
  await using server = serve(() => Response.json({}));
  using client = transportTo(server.url, { credentials: fixedCredentials({}) });
  await client.json({ method: "GET", path: "/" });
  client.close();
  client.close();
  await client.json({ method: "GET", path: "/" });
  equal(server.requests.length, 2);
});
