import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { KubeError } from "../../lib/kube/errors.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { HastyClock, patience, refusal, serve, transportTo } from "./harness.ts";

const path = "/api/v1/pods";
const line = (n: number) => new TextEncoder().encode(`{"type":"ADDED","object":{"n":${n}}}\n`);

/** An answer of these events that does not end, and a promise for when its reader goes away. */
function endless(...chunks: Uint8Array[]) {
  const left = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => chunks.forEach((chunk) => controller.enqueue(chunk)),
    cancel: () => left.resolve(),
  });
  return { body, left: left.promise };
}

Deno.test("a watch yields its events and ends when the server ends it", async () => {
  await using server = serve(() => new Response(ReadableStream.from([line(1), line(2)])));
  using client = transportTo(server.url);
  const events = await Array.fromAsync(client.watch<{ n: number }>({ method: "GET", path }));
  deepEqual(events.map(({ object }) => object), [{ n: 1 }, { n: 2 }]);
});

Deno.test("a watch asks for bytes that are not compressed, other calls leave that open", async () => {
  await using server = serve(() => new Response("{}\n"));
  using client = transportTo(server.url);
  await Array.fromAsync(client.watch({ method: "GET", path }));
  await client.json({ method: "GET", path });
  equal(server.requests[0]?.headers.get("accept-encoding"), "identity");
  match(server.requests[1]?.headers.get("accept-encoding") ?? "", /gzip/);
});

Deno.test("nothing is sent before the first event is asked for", async () => {
  await using server = serve(() => new Response(""));
  using client = transportTo(server.url);
  client.watch({ method: "GET", path });
  await client.text({ method: "GET", path: "/other" });
  deepEqual(server.requests.map(({ path }) => path), ["/other"]);
});

Deno.test("a watch may be silent for as long as its reader bears it", async () => {
  let send: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = controller;
      controller.enqueue(line(1));
    },
  });
  await using server = serve(() => new Response(body));
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock });
  const events = client.watch<{ n: number }>({ method: "GET", path })[Symbol.asyncIterator]();
  await events.next();
  equal(clock.waiting, 0);
  await clock.advance(10 * patience);
  send!.enqueue(line(2));
  deepEqual((await events.next()).value.object, { n: 2 });
  await events.return?.();
});

Deno.test("a watch that does not begin in time is given up", async () => {
  const came = Promise.withResolvers<void>();
  await using server = serve(() => {
    came.resolve();
    return new Promise<Response>(() => {});
  });
  const clock = new FakeClock();
  using client = transportTo(server.url, { clock, retries: 0 });
  const events = rejects(Array.fromAsync(client.watch({ method: "GET", path })), /silent for 30 s/);
  await came.promise;
  await clock.advance(patience);
  await events;
});

Deno.test("leaving the loop closes the connection", async () => {
  const { body, left } = endless(line(1));
  await using server = serve(() => new Response(body));
  using client = transportTo(server.url);
  for await (const _ of client.watch({ method: "GET", path })) break;
  await left;
});

Deno.test("an abort ends a watch with the signal's reason and closes the connection", async () => {
  const { body, left } = endless(line(1));
  await using server = serve(() => new Response(body));
  using client = transportTo(server.url);
  const controller = new AbortController();
  await rejects(async () => {
    for await (const _ of client.watch({ method: "GET", path, signal: controller.signal })) {
      controller.abort(new Error("enough"));
    }
  }, /enough/);
  await left;
});

Deno.test("a cancelled stream closes the connection", async () => {
  const { body, left } = endless(line(1));
  await using server = serve(() => new Response(body));
  using client = transportTo(server.url);
  const stream = await client.stream({ method: "GET", path });
  await stream.cancel();
  await left;
});

/** A signal that never aborts, and how many listeners it has. */
function watchedSignal() {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
  signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
  return { signal, listeners };
}

Deno.test("a stream that ended, was left or refused leaves no listener on its caller's signal", async () => {
  const ways: Record<string, () => Response> = {
    "ended": () => new Response(line(1)),
    "no event at all": () => new Response(null),
    "left": () => new Response(endless(line(1)).body),
    "refused, after attempts": () => refusal(503),
  };
  for (const [how, answer] of Object.entries(ways)) {
    await using server = serve(answer);
    using client = transportTo(server.url);
    const { signal, listeners } = watchedSignal();
    const read = async () => {
      for await (const _ of client.watch({ method: "GET", path, signal })) {
        equal(listeners.size > 0, true, `${how}: tied while it flows`);
        if (how === "left") break;
      }
    };
    await read().catch(() => {});
    equal(listeners.size, 0, how);
  }
});

Deno.test("a connection that is lost in the middle of a watch is an error, after the events before", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const seen = Promise.withResolvers<void>();
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(1024));
    const chunk = `${line(1).length.toString(16)}\r\n${new TextDecoder().decode(line(1))}\r\n`;
    const answer = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`;
    await connection.write(new TextEncoder().encode(answer));
    await seen.promise;
  })();
  using client = transportTo(`http://127.0.0.1:${listener.addr.port}`);
  const { signal, listeners } = watchedSignal();
  let events = 0;
  await rejects(async () => {
    for await (const _ of client.watch({ method: "GET", path, signal })) {
      events++;
      seen.resolve();
    }
  });
  equal(events, 1);
  equal(listeners.size, 0, "nothing is left on the caller's signal");
  await serving;
});

Deno.test("a watch that is refused is an error with its status, a server's trouble is tried again", async () => {
  await using server = serve((_, n) => refusal(n === 1 ? 500 : 410, { reason: "Expired" }));
  const clock = new HastyClock();
  using client = transportTo(server.url, { clock });
  await rejects(
    Array.fromAsync(client.watch({ method: "GET", path })),
    (error) => error instanceof KubeError && error.status === 410 && error.reason === "Expired",
  );
  equal(server.requests.length, 2);
});
