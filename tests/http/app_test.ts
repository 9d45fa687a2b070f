import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { baseApp } from "../../lib/http/app.ts";
import type { Fields, Log } from "../../lib/runtime/log.ts";
import { Counter, newRegistry } from "../../lib/runtime/metrics.ts";
import { silentLog } from "../support/silent_log.ts";

const registry = () => newRegistry("demo", "1.2.3");

/** A log that keeps its errors. */
function errorsKept(): { log: Log; errors: [string, Fields | undefined][] } {
  const errors: [string, Fields | undefined][] = [];
  return { errors, log: { ...silentLog, error: (message, fields) => void errors.push([message, fields]) } };
}

/** An app whose handlers fail as told. */
function failing(error: Error) {
  const { log, errors } = errorsKept();
  const more = new Hono().get("/broken/:what", () => {
    throw error;
  });
  const app = baseApp({ registry: registry(), log });
  app.route("/", more);
  return { app, errors };
}

Deno.test("a program that works answers a ping", async () => {
  const answer = await baseApp({ registry: registry(), log: silentLog }).request("/ping");
  equal(answer.status, 200);
  equal(await answer.text(), "pong\n");
});

Deno.test("a program in trouble answers a ping with 500 and why, until the trouble is over", async () => {
  let trouble: string | undefined = "no scan for 200 s";
  const app = baseApp({ registry: registry(), log: silentLog, trouble: () => trouble });
  const answer = await app.request("/ping");
  equal(answer.status, 500);
  equal(await answer.text(), "no scan for 200 s\n");
  trouble = undefined;
  equal((await app.request("/ping")).status, 200);
});

Deno.test("metrics are those of the given registry, in Prometheus' text format", async () => {
  const own = registry();
  new Counter({ name: "demo_total", help: "Something.", registers: [own] }).inc(3);
  const answer = await baseApp({ registry: own, log: silentLog }).request("/metrics");
  equal(answer.status, 200);
  match(answer.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  match(text, /^demo_total 3$/m);
  match(text, /^autocrane_build_info\{program="demo",version="1\.2\.3"\} 1$/m);
});

Deno.test("metrics are told while the program is in trouble, for that is when they are wanted", async () => {
  const app = baseApp({ registry: registry(), log: silentLog, trouble: () => "stuck" });
  equal((await app.request("/metrics")).status, 200);
});

Deno.test("where there is nothing the answer says where there is something", async () => {
  const app = baseApp({ registry: registry(), log: silentLog });
  for (const [method, path] of [["GET", "/"], ["GET", "/ping/x"], ["POST", "/ping"]] as const) {
    const answer = await app.request(path, { method });
    equal(answer.status, 404, `${method} ${path}`);
    equal(await answer.text(), "There is nothing here. Try /ping or /metrics.\n");
  }
});

Deno.test("a handler that throws answers 500; the log knows why, the caller does not", async () => {
  const { app, errors } = failing(new Error("token abc is wrong", { cause: new Error("file gone") }));
  const answer = await app.request("/broken/thing");
  equal(answer.status, 500);
  equal(await answer.text(), "This did not work; the log says why.\n");
  deepEqual(errors, [
    ["request failed", { method: "GET", path: "/broken/thing", error: "token abc is wrong: file gone" }],
  ]);
});

Deno.test("an error that carries its own answer is kept from the caller as well", async () => {
  const { app, errors } = failing(new HTTPException(401, { message: "secret" }));
  const answer = await app.request("/broken/thing");
  equal(answer.status, 500);
  ok(!(await answer.text()).includes("secret"));
  equal(errors.length, 1);
});

Deno.test("metrics that cannot be gathered answer 500", async () => {
  const { log, errors } = errorsKept();
  const own = registry();
  own.metrics = () => Promise.reject(new Error("broken gauge"));
  equal((await baseApp({ registry: own, log }).request("/metrics")).status, 500);
  equal(errors.length, 1);
});

Deno.test("a program's own paths stand beside the common ones", async () => {
  const app = baseApp({ registry: registry(), log: silentLog });
  app.route("/", new Hono().get("/watchdog", (c) => c.text("fine")));
  equal(await (await app.request("/watchdog")).text(), "fine");
  equal((await app.request("/ping")).status, 200);
});
