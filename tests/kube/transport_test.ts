import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { KubeMethod } from "../../k8s/client.ts";
import { KubeError, Unreachable } from "../../lib/kube/errors.ts";
import { WriteRefused } from "../../lib/kube/transport.ts";
import { newRegistry } from "../../lib/runtime/metrics.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { HastyClock, patience, refusal, serve, transportTo } from "./harness.ts";

const path = "/api/v1/namespaces/shop/pods";
const writes = ["POST", "PUT", "PATCH", "DELETE"] as const;

/** A handler that tells when a request came, and never answers. */
function silent() {
  const came = Promise.withResolvers<void>();
  const answer = () => {
    came.resolve();
    return new Promise<Response>(() => {});
  };
  return { came: came.promise, answer };
}

Deno.test("a request goes out with its path, query, body, media types and name", async () => {
  await using server = serve(() => Response.json({ kind: "Pod" }));
  using client = transportTo(server.url);
  const query = { fieldManager: "me", labelSelector: "app in (a,b)", force: true, limit: 5, none: undefined };
  const contentType = "application/merge-patch+json";
  const got = await client.json({ method: "PATCH", path, query, body: { a: 1 }, contentType });
  deepEqual(got, { kind: "Pod" });
  const [request] = server.requests;
  equal(request?.method, "PATCH");
  equal(request?.path, `${path}?fieldManager=me&labelSelector=app+in+%28a%2Cb%29&force=true&limit=5`);
  equal(request?.body, '{"a":1}');
  equal(request?.headers.get("content-type"), contentType);
  equal(request?.headers.get("accept"), "application/json");
  equal(request?.headers.get("user-agent"), "test/1");
});

Deno.test("a call without a body sends none, and no media type for it", async () => {
  await using server = serve(() => new Response("line\n"));
  using client = transportTo(server.url);
  equal(await client.text({ method: "GET", path, accept: "*/*" }), "line\n");
  equal(server.requests[0]?.headers.has("content-type"), false);
  equal(server.requests[0]?.headers.get("accept"), "*/*");
  equal(server.requests[0]?.path, path);
});

Deno.test("a refusal is an error with status, reason, cause, method and path", async () => {
  const details = { causes: [{ reason: "FieldValueInvalid", field: "spec" }] };
  await using server = serve(() => refusal(422, { reason: "Invalid", message: "spec is wrong", details }));
  using client = transportTo(server.url);
  await rejects(client.json({ method: "POST", path, body: {} }), (error) => {
    if (!(error instanceof KubeError)) return false;
    deepEqual([error.status, error.reason, error.method, error.path], [422, "Invalid", "POST", path]);
    equal(error.hasCause("FieldValueInvalid"), true);
    match(error.message, /spec is wrong/);
    return true;
  });
});

Deno.test("a redirect is not followed: our credentials are for this server", async () => {
  await using other = serve(() => Response.json({}));
  await using server = serve(() => Response.redirect(`${other.url}/x`, 307));
  using client = transportTo(server.url);
  await rejects(client.json({ method: "GET", path }), (error: KubeError) => error.status === 307);
  equal(other.requests.length, 0);
});

Deno.test("a read that the server fails is repeated, with growing waits, and given up", async () => {
  await using server = serve(() => refusal(503, { message: "etcd is away" }));
  const clock = new HastyClock();
  using client = transportTo(server.url, { clock });
  await rejects(client.json({ method: "GET", path }), /503: etcd is away/);
  equal(server.requests.length, 4);
  deepEqual(clock.waits, [500, 1000, 2000]);
});

Deno.test("a read that is answered at last is answered", async () => {
  await using server = serve((_, n) => (n < 3 ? refusal(500) : Response.json({ n })));
  using client = transportTo(server.url);
  deepEqual(await client.json({ method: "GET", path }), { n: 3 });
});

for (const method of writes) {
  Deno.test(`a ${method} that the server failed may have been done, so it is not repeated`, async () => {
    await using server = serve(() => refusal(500));
    using client = transportTo(server.url);
    await rejects(client.json({ method, path, body: {} }), KubeError);
    equal(server.requests.length, 1);
  });
}

Deno.test("a refusal that says what is wrong with the call is not repeated", async () => {
  for (const status of [400, 403, 404, 409, 410, 422]) {
    await using server = serve(() => refusal(status));
    using client = transportTo(server.url);
    await rejects(client.json({ method: "GET", path }), KubeError);
    equal(server.requests.length, 1, `${status}`);
  }
});

Deno.test("a server that refuses connections was asked nothing, so even a write is repeated", async () => {
  const server = serve(() => Response.json({}));
  await server[Symbol.asyncDispose]();
  const clock = new HastyClock();
  using client = transportTo(server.url, { clock });
  await rejects(client.json({ method: "POST", path, body: {} }), (error) => {
    if (!(error instanceof Unreachable)) return false;
    match(error.message, /^Cannot POST .*: no answer from http:\/\/127.0.0.1:\d+: .*refused/i);
    return true;
  });
  equal(clock.waits.length, 3);
});

Deno.test("a write whose connection broke may have been done, so it is not repeated", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      connections++;
      await connection.read(new Uint8Array(1024));
      connection.close();
    }
  })();
  using client = transportTo(`http://127.0.0.1:${listener.addr.port}`);
  await rejects(client.json({ method: "POST", path, body: {} }), Unreachable);
  equal(connections, 1);
  await rejects(client.json({ method: "GET", path }), Unreachable);
  equal(connections, 5);
  listener.close();
  await accepting;
});

Deno.test("a call that is not answered in time is given up, by the clock it was given", async () => {
  const { came, answer } = silent();
  await using server = serve(answer);
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock, retries: 0, timeout: 4000 });
  const call = rejects(client.json({ method: "GET", path }), /no answer from .*: silent for 4 s/);
  await came;
  await clock.advance(3999);
  equal(clock.waiting, 1);
  await clock.advance(1);
  await call;
  equal(clock.waiting, 0);
});

Deno.test("an answer that begins and does not end is given up as well", async () => {
  const came = Promise.withResolvers<void>();
  await using server = serve(() => {
    came.resolve();
    return new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('{"a"')) }));
  });
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock, retries: 0 });
  const call = rejects(client.json({ method: "GET", path }), /silent for 30 s/);
  await came.promise;
  await clock.advance(patience);
  await call;
});

Deno.test("an aborted call rejects with the signal's reason, and leaves nothing behind", async () => {
  const { came, answer } = silent();
  await using server = serve(answer);
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock });
  const controller = new AbortController();
  const call = rejects(client.json({ method: "GET", path, signal: controller.signal }), /enough/);
  await came;
  controller.abort(new Error("enough"));
  await call;
  equal(clock.waiting, 0);
  equal(server.requests.length, 1);
});

Deno.test("an abort during the wait before a repetition ends the call", async () => {
  const controller = new AbortController();
  await using server = serve(() => refusal(503));
  const clock = new FakeClock();
  const after = clock.after.bind(clock);
  clock.after = (ms, callback) => {
    if (ms < patience) queueMicrotask(() => controller.abort(new Error("enough")));
    return after(ms, callback);
  };
  using client = transportTo(server.url, { clock });
  await rejects(client.json({ method: "GET", path, signal: controller.signal }), /enough/);
  equal(server.requests.length, 1);
  equal(clock.waiting, 0);
});

Deno.test("a call whose signal aborted before is never sent", async () => {
  await using server = serve(() => Response.json({}));
  using client = transportTo(server.url);
  const signal = AbortSignal.abort(new Error("too late"));
  for (const method of ["GET", ...writes] satisfies KubeMethod[]) {
    await rejects(client.json({ method, path, signal }), /too late/);
  }
  equal(server.requests.length, 0);
});

Deno.test("a write is not sent when the time to write is over; a read is", async () => {
  await using server = serve(() => Response.json({}));
  using client = transportTo(server.url, { mayWrite: () => 0 });
  for (const method of writes) {
    await rejects(client.json({ method, path, body: {} }), (error) => {
      match((error as Error).message, new RegExp(`^Did not ${method} ${path}: the time for it was over`));
      return error instanceof WriteRefused;
    });
  }
  equal(server.requests.length, 0);
  await client.json({ method: "GET", path });
  equal(server.requests.length, 1);
});

Deno.test("a write lasts no longer than the time to write, a read its own", async () => {
  const { came, answer } = silent();
  await using server = serve(answer);
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock, retries: 0, mayWrite: () => 2500 });
  const write = rejects(client.json({ method: "POST", path, body: {} }), /silent for 2.5 s/);
  await came;
  await clock.advance(2500);
  await write;
});

Deno.test("a process that is stopped while it reads its credentials sends no write when it wakes", async () => {
  await using server = serve(() => Response.json({}));
  const clock = new FakeClock();
  const credentials = {
    refused: () => {},
    async proof() {
      await Promise.resolve();
      clock.suspend(20_000);
      return {};
    },
  };
  using client = transportTo(server.url, {
    clock,
    credentials,
    mayWrite: () => 10_000 - clock.monotonic(),
  });
  await rejects(client.json({ method: "POST", path, body: {} }), WriteRefused);
  equal(server.requests.length, 0);
});

Deno.test("calls under way outlive a transport that is closed", async () => {
  const come = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await using server = serve(async () => {
    begun.resolve();
    await come.promise;
    return Response.json({ ok: true });
  });
  using client = transportTo(server.url);
  const call = client.json({ method: "GET", path });
  await begun.promise;
  client.close();
  come.resolve();
  deepEqual(await call, { ok: true });
});

Deno.test("requests are counted by method and status, those without an answer as 0", async () => {
  const server = serve((_, n) => (n === 1 ? Response.json({}) : refusal(404)));
  const registry = newRegistry("test", "1");
  using client = transportTo(server.url, { registry, retries: 0 });
  await client.json({ method: "POST", path, body: {} });
  await rejects(client.json({ method: "GET", path }));
  await server[Symbol.asyncDispose]();
  await rejects(client.json({ method: "GET", path }));
  const shown = await registry.metrics();
  match(shown, /autocrane_kubernetes_requests_total\{method="POST",code="200"\} 1/);
  match(shown, /autocrane_kubernetes_requests_total\{method="GET",code="404"\} 1/);
  match(shown, /autocrane_kubernetes_requests_total\{method="GET",code="0"\} 1/);
});
