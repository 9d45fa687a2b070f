import { deepEqual, equal } from "node:assert/strict";
import { gateApp } from "../../../lib/watchdog/gate/app.ts";
import { Gate } from "../../../lib/watchdog/gate/health.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const known = { age: undefined, trouble: undefined };

Deno.test("a pod that is ready gets 200", async () => {
  const app = gateApp(() => ({ health: { ready: true, waitingFor: [] }, knowledge: known }));
  const answer = await app.request("/healthz");
  equal(answer.status, 200);
  deepEqual(await answer.json(), { ready: true, waitingFor: [] });
});

Deno.test("a pod that is not ready gets 500 and what is missing", async () => {
  const waitingFor = ["watchdog disk: disk full", "59 s more without watchdog errors"];
  const app = gateApp(() => ({ health: { ready: false, waitingFor }, knowledge: known }));
  const answer = await app.request("/healthz");
  equal(answer.status, 500);
  deepEqual(await answer.json(), { ready: false, waitingFor });
});

Deno.test("the answer says how old what is known is, and why, and stays what it was last", async () => {
  const knowledge = { age: 61_400, trouble: "connection refused" };
  const app = gateApp(() => ({ health: { ready: true, waitingFor: [] }, knowledge }));
  const answer = await app.request("/healthz");
  equal(answer.status, 200);
  deepEqual(await answer.json(), {
    ready: true,
    waitingFor: [],
    ageSeconds: 61,
    stale: "connection refused",
  });
});

Deno.test("each request is answered from the state as it is then", async () => {
  const limits = { minReady: 0, alwaysHealthyAfter: undefined, waitForResults: false };
  const gate = new Gate(limits, new FakeClock());
  const app = gateApp(() => ({ health: gate.health(), knowledge: known }));
  equal((await app.request("/healthz")).status, 500);
  gate.observe({});
  equal((await app.request("/healthz")).status, 200);
  gate.observe({ "status.autocrane.io/disk": "error/2026-01-31T12:00:00/disk full" });
  equal((await app.request("/healthz")).status, 500);
});

Deno.test("only GET /healthz is answered", async () => {
  const app = gateApp(() => ({ health: { ready: true, waitingFor: [] }, knowledge: known }));
  equal((await app.request("/")).status, 404);
  equal((await app.request("/healthz", { method: "POST" })).status, 404);
});
