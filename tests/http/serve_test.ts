import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Hono } from "hono";
import { graceMs, serve, type ServeOptions } from "../../lib/http/serve.ts";
import { exitCode, Failure } from "../../lib/runtime/failure.ts";
import type { Fields } from "../../lib/runtime/log.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";

/** A server on a loopback port that the system chose, and what ends it. */
function served(app: Hono, more: Partial<ServeOptions> = {}) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const { signal } = controller;
  const server = serve(app, { hostname: "127.0.0.1", port: 0, signal, log: silentLog, clock, ...more });
  return { server, clock, end: () => controller.abort(), url: `http://127.0.0.1:${server.port}` };
}

/** An app that answers only once it is told to, and a promise that it has been asked. */
function slowApp() {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const app = new Hono().get("/slow", async (c) => {
    asked.resolve();
    await answer.promise;
    return c.text("answered");
  });
  return { app, asked: asked.promise, answer: answer.resolve };
}

Deno.test("an app is served until the signal aborts", async () => {
  const { server, url, end } = served(new Hono().get("/", (c) => c.text("hello")));
  ok(server.port > 0);
  equal(await (await fetch(url)).text(), "hello");
  end();
  await server.finished;
  await fetch(url).then(() => ok(false, "it still answers"), () => {});
});

Deno.test("a server says where it listens", async () => {
  const lines: [string, Fields | undefined][] = [];
  const log = {
    ...silentLog,
    info: (message: string, fields?: Fields) => void lines.push([message, fields]),
  };
  const { server, end } = served(new Hono(), { log });
  deepEqual(lines, [["listening", { host: "127.0.0.1", port: server.port }]]);
  end();
  await server.finished;
});

Deno.test("an empty address is all addresses", async () => {
  const { server, end, url } = served(new Hono().get("/", (c) => c.text("hello")), { hostname: "" });
  equal(await (await fetch(url)).text(), "hello");
  end();
  await server.finished;
});

Deno.test("a request under way is answered before the server ends", async () => {
  const { app, asked, answer } = slowApp();
  const { server, end, url } = served(app);
  const response = fetch(`${url}/slow`);
  await asked;
  end();
  await settled();
  answer();
  equal(await (await response).text(), "answered");
  await server.finished;
});

Deno.test("a request that is never answered holds the end for its grace time and no longer", async () => {
  const { app, asked, answer } = slowApp();
  const { server, clock, end, url } = served(app);
  let finished = false;
  void server.finished.then(() => finished = true);
  const response = fetch(`${url}/slow`);
  await asked;
  end();
  try {
    await clock.advance(graceMs - 1);
    equal(finished, false);
    await clock.advance(1);
    equal(finished, true);
  } finally {
    answer();
    await (await response).text();
  }
});

Deno.test("a server whose end was asked for before it began ends at once", async () => {
  const { server } = served(new Hono(), { signal: AbortSignal.abort() });
  await server.finished;
});

Deno.test("an address that is taken is a failure that says what to look at", async () => {
  const { server, end } = served(new Hono());
  throws(() => served(new Hono(), { port: server.port }), (error) => {
    ok(error instanceof Failure);
    equal(error.exitCode, exitCode.couldNot);
    const said = `Cannot listen on 127.0.0.1, port ${server.port}: `;
    ok(error.message.startsWith(said), error.message);
    ok(error.message.endsWith("Is another program there? LISTEN_PORT and LISTEN_HOST choose."));
    ok(error.cause instanceof Error);
    return true;
  });
  end();
  await server.finished;
});
