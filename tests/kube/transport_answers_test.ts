import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { BadAnswer } from "../../lib/kube/errors.ts";
import { RateLimit } from "../../lib/kube/rate_limit.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { HastyClock, refusal, serve, transportTo } from "./harness.ts";

const path = "/api/v1/namespaces/shop/pods";

Deno.test("a refusal in plain text is shown as it is, an empty one by its status", async () => {
  await using server = serve((_, n) =>
    n === 1 ? new Response("no healthy upstream\n", { status: 404 }) : new Response(null, { status: 409 })
  );
  using client = transportTo(server.url);
  await rejects(client.json({ method: "GET", path }), /404: no healthy upstream$/);
  await rejects(client.json({ method: "GET", path }), /409: /);
});

Deno.test("a proxy's page is cut before it fills the log", async () => {
  await using server = serve(() => new Response("x".repeat(100_000), { status: 400 }));
  using client = transportTo(server.url);
  await rejects(client.json({ method: "GET", path }), ({ message }: Error) => message.length < 11_000);
});

Deno.test("an answer that is no JSON is told as that, in one line, and a write is not repeated for it", async () => {
  await using server = serve(() => new Response("<html>\n\u001b[2J<title>Log in</title>"));
  using client = transportTo(server.url);
  await rejects(client.json({ method: "POST", path, body: {} }), (error: Error) => {
    match(
      error.message,
      /^Cannot POST .*: the answer from http:\S+ is no JSON but "<html> \[2J<title>Log in<\/title>"\. Is it/,
    );
    return error instanceof BadAnswer;
  });
  equal(server.requests.length, 1);
  await rejects(client.json({ method: "GET", path }), BadAnswer);
  equal(server.requests.length, 5);
});

Deno.test("an empty answer where JSON was asked for is told as empty", async () => {
  await using server = serve(() => new Response(""));
  using client = transportTo(server.url, { retries: 0 });
  await rejects(client.json({ method: "GET", path }), /is no JSON but nothing\. Is it an API server/);
});

Deno.test("a refusal's long list of causes is read as the Status that it is", async () => {
  const causes = Array.from(
    { length: 300 },
    (_, n) => ({ reason: "FieldValueInvalid", field: `spec.list[${n}]` }),
  );
  await using server = serve(() => refusal(422, { message: "spec is wrong", details: { causes } }));
  using client = transportTo(server.url);
  await rejects(client.json({ method: "POST", path, body: {} }), /422: spec is wrong$/);
});

Deno.test("Retry-After decides the wait before a repetition", async () => {
  await using server = serve((_, n) =>
    n === 1 ? refusal(503, {}, { "retry-after": "7" }) : Response.json({})
  );
  const clock = new HastyClock();
  using client = transportTo(server.url, { clock });
  await client.json({ method: "GET", path });
  deepEqual(clock.waits, [7000]);
});

Deno.test("a Retry-After that is a date is passed over for our own wait", async () => {
  await using server = serve((_, n) =>
    n === 1 ? refusal(503, {}, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }) : Response.json({})
  );
  const clock = new HastyClock();
  using client = transportTo(server.url, { clock });
  await client.json({ method: "GET", path });
  deepEqual(clock.waits, [500]);
});

Deno.test("a Retry-After of days holds nobody for days", async () => {
  await using server = serve((_, n) =>
    n === 1 ? refusal(429, {}, { "retry-after": "2592000" }) : Response.json({})
  );
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 100, burst: 100, clock });
  using client = transportTo(server.url, { clock, limit, retries: 0 });
  await rejects(client.json({ method: "GET", path }), /429/);
  const end = new AbortController();
  const next = client.json({ method: "GET", path, signal: end.signal });
  await clock.advance(300_000);
  queueMicrotask(() => clock.waiting > 1 && end.abort(new Error("still held")));
  deepEqual(await next, {});
});
