import { deepEqual, equal, ok } from "node:assert/strict";
import { makePod, type PodSketch } from "./build.ts";
import { proberStage } from "./prober_stage.ts";

const second = 1000;

function pod(sketch: PodSketch = {}) {
  const annotations = { "probe.autocrane.io/disk": "POD_IP:8080/disk", ...sketch.annotations };
  return makePod({ ...sketch, annotations });
}

Deno.test("a pod is looked at when one of its statuses expires, and again for the next", async () => {
  const expires = (name: string, at: string) => ({
    [`status.autocrane.io/${name}`]: "error/2026-01-31T11:00:00/x",
    [`expires.status.autocrane.io/${name}`]: at,
  });
  const annotations = { ...expires("a", "2026-01-31T12:00:10"), ...expires("b", "2026-01-31T12:00:20") };
  const { clock, prober, looks } = proberStage([makePod({ annotations })]);
  prober.start();
  looks.length = 0;
  await clock.advance(9 * second);
  equal(looks.length, 0);
  await clock.advance(second);
  equal(looks.length, 1);
  await clock.advance(10 * second);
  equal(looks.length, 2);
  await clock.advance(3600 * second);
  equal(looks.length, 2);
});

Deno.test("whoever sets the wall clock: what has expired by it is seen within a minute", async () => {
  const annotations = {
    "status.autocrane.io/a": "error/2026-01-31T11:00:00/x",
    "expires.status.autocrane.io/a": "2027-01-31T12:00:00",
  };
  const { clock, prober, looks, longestWait } = proberStage([makePod({ annotations })]);
  prober.start();
  looks.length = 0;
  await clock.advance(600 * second);
  deepEqual(looks, [], "before, there is nothing to look at");
  ok(longestWait() > 0 && longestWait() <= 60 * second, `${longestWait()}`);
  clock.jump(366 * 24 * 3600 * second);
  await clock.advance(60 * second);
  deepEqual(looks, ["shop/web-1"]);
});

Deno.test("a change that is none to the watchdogs causes no look, one of a status or label does", () => {
  const { prober, looks, store } = proberStage([pod()]);
  prober.start();
  looks.length = 0;
  store.upsert(pod({ resourceVersion: "2", status: { podIP: "10.0.0.9" } }));
  deepEqual(looks, []);
  const status = { "status.autocrane.io/app": "error/2026-01-31T11:00:00/x" };
  store.upsert(pod({ resourceVersion: "3", annotations: status }));
  store.upsert(pod({ resourceVersion: "4", annotations: status, labels: { app: "web" } }));
  deepEqual(looks, ["shop/web-1", "shop/web-1"]);
});

Deno.test("a fault of a probe is told, and its watchdog is probed again", async () => {
  const { clock, prober, requests, fault, faults, sockets, verdictOf } = proberStage([pod()]);
  fault(true);
  prober.start();
  await clock.advance(30 * second);
  equal(String(faults), "Error: a bug");
  equal(sockets.free, 64);
  fault(false);
  await clock.advance(30 * second);
  equal(requests.length, 2);
  equal(verdictOf("uid-1", "disk")?.level, "info");
});
