import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { isStatus } from "../../lib/kube/errors.ts";
import { RateLimit } from "../../lib/kube/rate_limit.ts";
import { isThrottling } from "../../lib/kube/transport.ts";
import { HastyClock, refusal, serve, transportTo } from "./harness.ts";

const path = "/api/v1/namespaces/shop/pods";
const budget = { details: { causes: [{ reason: "DisruptionBudget" }], retryAfterSeconds: 10 } };

/** Two programs' parts that share a limit on one hasty clock. */
function sharing(url: string) {
  const clock = new HastyClock();
  const limit = new RateLimit({ perSecond: 1000, burst: 1000, clock });
  const client = transportTo(url, { clock, limit, retries: 0 });
  return { clock, client, other: client.with({ retries: 1 }) };
}

Deno.test("throttling holds everybody who shares the limit for as long as the server asked", async () => {
  await using server = serve((
    _,
    n,
  ) => (n === 1 ? refusal(429, {}, { "retry-after": "5" }) : Response.json({})));
  const { clock, client, other } = sharing(server.url);
  using _ = client;
  await rejects(client.json({ method: "POST", path, body: {} }), isThrottling);
  deepEqual(clock.waits, []);
  await other.json({ method: "GET", path: "/elsewhere" });
  deepEqual(clock.waits, [5000]);
});

Deno.test("throttling without a time holds everybody for a second", async () => {
  await using server = serve((_, n) => (n === 1 ? refusal(429) : Response.json({})));
  const { clock, client, other } = sharing(server.url);
  using _ = client;
  await rejects(client.json({ method: "GET", path }), isThrottling);
  await other.json({ method: "GET", path });
  deepEqual(clock.waits, [1000]);
});

Deno.test("a throttled call was not done, so it is repeated even if it changes something", async () => {
  await using server = serve((
    _,
    n,
  ) => (n < 3 ? refusal(429, {}, { "retry-after": "1" }) : Response.json({ n })));
  using client = transportTo(server.url);
  deepEqual(await client.json({ method: "POST", path, body: {} }), { n: 3 });
});

Deno.test("an eviction that a budget refuses is told at once: no repetition, no pause for others", async () => {
  await using server = serve((_, n) => (n === 1 ? refusal(429, budget) : Response.json({})));
  const { clock, other } = sharing(server.url);
  await rejects(other.json({ method: "POST", path: `${path}/web/eviction`, body: {} }), (error) => {
    equal(isThrottling(error), false);
    return isStatus(error, 429) && error.hasCause("DisruptionBudget");
  });
  equal(server.requests.length, 1);
  await other.json({ method: "GET", path });
  deepEqual(clock.waits, []);
  other.close();
});

/** Credentials that count how often they are asked for and refused; the token changes with each refusal. */
function renewing() {
  const calls = { proofs: 0, refused: 0 };
  return {
    calls,
    proof() {
      calls.proofs++;
      return Promise.resolve({ authorization: `Bearer token-${calls.refused}` });
    },
    refused: () => void calls.refused++,
  };
}

Deno.test("a credential that was refused is read again, once, whatever the call", async () => {
  for (const method of ["GET", "POST"] as const) {
    await using server = serve(({ headers }) =>
      headers.get("authorization") === "Bearer token-1" ? Response.json({}) : refusal(401)
    );
    const credentials = renewing();
    using client = transportTo(server.url, { credentials, retries: 0 });
    await client.json({ method, path, ...(method === "POST" && { body: {} }) });
    deepEqual(credentials.calls, { proofs: 2, refused: 1 });
  }
});

Deno.test("a credential that is refused twice is an error that asks about it", async () => {
  await using server = serve(() => refusal(401, { message: "Unauthorized" }));
  const credentials = renewing();
  using client = transportTo(server.url, { credentials });
  await rejects(client.json({ method: "GET", path }), (error: Error) => {
    match(error.message, /401: Unauthorized\. Is the token or certificate still valid\?/);
    return isStatus(error, 401);
  });
  deepEqual(credentials.calls, { proofs: 2, refused: 2 });
});

Deno.test("a watch whose credential was refused begins with the renewed one", async () => {
  await using server = serve(({ headers }) =>
    headers.get("authorization") === "Bearer token-1" ? new Response('{"type":"ADDED"}\n') : refusal(401)
  );
  using client = transportTo(server.url, { credentials: renewing() });
  deepEqual(await Array.fromAsync(client.watch({ method: "GET", path })), [{ type: "ADDED" }]);
});

Deno.test("credentials that cannot be had are told as they are, and nothing is sent", async () => {
  await using server = serve(() => Response.json({}));
  const { Failure } = await import("../../lib/runtime/failure.ts");
  const credentials = {
    proof: () => Promise.reject(new Failure('Cannot read token "/x": not found.', 3)),
    refused: () => {},
  };
  using client = transportTo(server.url, { credentials });
  await rejects(client.json({ method: "GET", path }), /^Failure: Cannot read token "\/x": not found\.$/);
  equal(server.requests.length, 0);
});
