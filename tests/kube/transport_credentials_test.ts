import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { NoCredentials, Unreachable } from "../../lib/kube/errors.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { accessTo, patience, serve, transportTo } from "./harness.ts";

const path = "/api/v1/namespaces/shop/pods";

Deno.test("credentials that do not come end with the call's time limit, which says so, and nothing is sent", async () => {
  await using server = serve(() => Response.json({}));
  const asked = Promise.withResolvers<void>();
  const credentials = {
    refused: () => {},
    proof() {
      asked.resolve();
      return new Promise<never>(() => {});
    },
  };
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock, credentials, retries: 0 });
  const call = rejects(client.json({ method: "POST", path, body: {} }), (error: Error) => {
    match(error.message, /^Cannot POST .*: the credentials were not there in time: silent for 30 s\. Does/);
    return error instanceof NoCredentials;
  });
  await asked.promise;
  await clock.advance(patience);
  await call;
  deepEqual([server.requests.length, clock.waiting], [0, 0]);
});

Deno.test("an abort ends a call that waits for its credentials, or for the cluster's certificate", async () => {
  const never = () => new Promise<never>(() => {});
  const waiting = {
    credentials: { ...accessTo("http://127.0.0.1:9"), credentials: { proof: never, refused: () => {} } },
    certificate: { ...accessTo("http://127.0.0.1:9"), ca: never },
  };
  for (const access of Object.values(waiting)) {
    using client = transportTo("", { access, clock: new FakeClock() });
    const controller = new AbortController();
    const call = rejects(client.json({ method: "GET", path, signal: controller.signal }), /^Error: enough$/);
    await settled();
    controller.abort(new Error("enough"));
    await call;
  }
});

Deno.test("credentials that come late are used by the next attempt, of a write as well", async () => {
  await using server = serve(() => Response.json({ done: true }));
  const proof = Promise.withResolvers<Record<string, never>>();
  let asked = 0;
  const credentials = {
    refused: () => {},
    proof() {
      if (++asked === 2) proof.resolve({});
      return proof.promise;
    },
  };
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock, credentials });
  const call = client.json({ method: "POST", path, body: {} });
  await clock.advance(patience + 500);
  deepEqual(await call, { done: true });
  equal(server.requests.length, 1);
});

Deno.test("what is thrown with an exit code of another kind counts as no answer", async () => {
  const credentials = {
    refused: () => {},
    proof: () => Promise.reject(Object.assign(new Error("broken"), { exitCode: 7 })),
  };
  using client = transportTo("http://127.0.0.1:9", { credentials, retries: 0 });
  await rejects(client.json({ method: "GET", path }), Unreachable);
});
