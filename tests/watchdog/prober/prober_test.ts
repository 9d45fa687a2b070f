import { deepEqual, equal, ok } from "node:assert/strict";
import { container, makePod, type PodSketch, readiness } from "./build.ts";
import { bad, good, proberStage } from "./prober_stage.ts";

const second = 1000;
const probe = { "probe.autocrane.io/disk": "POD_IP:8080/disk?x=1" };
const notReady = { containerStatuses: [readiness("app", false)] };

function pod(sketch: PodSketch = {}) {
  return makePod({ ...sketch, annotations: { ...probe, ...sketch.annotations } });
}

Deno.test("a watchdog is probed once an interval, at the pod's own address", async () => {
  const { clock, requests, prober } = proberStage([pod()]);
  prober.start();
  await clock.advance(90 * second);
  equal(requests.length, 3);
  const { address, scheme, port, path, timeout } = requests[0]!;
  deepEqual({ address, scheme, port, path, timeout }, {
    address: "10.0.0.1",
    scheme: "http",
    port: 8080,
    path: "/disk?x=1",
    timeout: 5000,
  });
});

Deno.test("before it is started, and after it was stopped, nothing is probed", async () => {
  const { clock, requests, prober, store } = proberStage([pod()]);
  await clock.advance(90 * second);
  prober.start();
  await clock.advance(30 * second);
  prober.stop();
  store.upsert(pod({ resourceVersion: "2" }));
  await clock.advance(90 * second);
  equal(requests.length, 1);
  equal(clock.waiting, 0);
});

Deno.test("a result becomes a verdict and the pod is looked at", async () => {
  const { clock, prober, answer, looks, verdictOf } = proberStage([pod()]);
  prober.start();
  looks.length = 0;
  answer(bad);
  await clock.advance(30 * second);
  deepEqual(verdictOf("uid-1", "disk"), { level: "error", message: "HTTP 500" });
  deepEqual(looks, ["shop/web-1"]);
});

Deno.test("a verdict that stays causes no further look", async () => {
  const { clock, prober, answer, looks } = proberStage([pod()]);
  prober.start();
  answer(bad);
  await clock.advance(30 * second);
  looks.length = 0;
  await clock.advance(300 * second);
  deepEqual(looks, []);
});

Deno.test("thresholds decide how many results in a row make a verdict", async () => {
  const options = { "probe-options.autocrane.io/disk": "interval=10s,failures=3,successes=2" };
  const { clock, prober, answer, verdictOf } = proberStage([pod({ annotations: options })]);
  prober.start();
  answer(bad);
  await clock.advance(20 * second);
  equal(verdictOf("uid-1", "disk"), undefined);
  await clock.advance(10 * second);
  equal(verdictOf("uid-1", "disk")?.level, "error");
  answer(good);
  await clock.advance(10 * second);
  equal(verdictOf("uid-1", "disk")?.level, "error");
  await clock.advance(10 * second);
  equal(verdictOf("uid-1", "disk")?.level, "info");
});

Deno.test("the first good probe of a watchdog without an error is told, however many would clear one", async () => {
  const options = { "probe-options.autocrane.io/disk": "interval=10s,successes=100" };
  const { clock, prober, answer, verdictOf } = proberStage([pod({ annotations: options })]);
  prober.start();
  answer(good);
  await clock.advance(10 * second);
  equal(verdictOf("uid-1", "disk")?.level, "info");
});

Deno.test("an error that is on the pod already takes as many good probes as it says to clear", async () => {
  const annotations = {
    "probe-options.autocrane.io/disk": "interval=10s,successes=3",
    "status.autocrane.io/disk": "error/2026-01-31T11:00:00/full",
  };
  const { clock, prober, answer, verdictOf } = proberStage([pod({ annotations })]);
  prober.start();
  answer(good);
  await clock.advance(20 * second);
  equal(verdictOf("uid-1", "disk"), undefined);
  await clock.advance(10 * second);
  equal(verdictOf("uid-1", "disk")?.level, "info");
});

Deno.test("a pod that is not ready is not probed, and it is within a second once it is", async () => {
  const { clock, prober, requests, store } = proberStage([pod({ status: notReady })]);
  prober.start();
  await clock.advance(300 * second);
  equal(requests.length, 0);
  store.upsert(pod({ resourceVersion: "2" }));
  await clock.advance(1.1 * second);
  equal(requests.length, 1);
});

Deno.test("a watchdog in error is probed again although its error made the pod unready", async () => {
  const { clock, prober, requests, answer, store, verdictOf } = proberStage([pod()]);
  prober.start();
  answer(bad);
  await clock.advance(30 * second);
  store.upsert(pod({ resourceVersion: "2", status: notReady }));
  answer(good);
  await clock.advance(30 * second);
  equal(requests.length, 2);
  equal(verdictOf("uid-1", "disk")?.level, "info");
});

Deno.test("after a restart of the prober too: the error on the pod is enough", async () => {
  const annotations = { "status.autocrane.io/disk": "error/2026-01-31T11:00:00/x" };
  const { clock, prober, requests } = proberStage([pod({ annotations, status: notReady })]);
  prober.start();
  await clock.advance(30 * second);
  equal(requests.length, 1);
});

Deno.test("of an unready pod only the watchdogs in error are probed", async () => {
  const annotations = {
    "probe.autocrane.io/net": "POD_IP:8080/net",
    "status.autocrane.io/disk": "error/2026-01-31T11:00:00/x",
    "status.autocrane.io/net": "info/2026-01-31T11:00:00/x",
  };
  const { clock, prober, requests } = proberStage([pod({ annotations, status: notReady })]);
  prober.start();
  await clock.advance(30 * second);
  deepEqual(requests.map(({ path }) => path), ["/disk?x=1"]);
});

Deno.test("a pod without an address is not probed, in error or not", async () => {
  const annotations = { "status.autocrane.io/disk": "error/2026-01-31T11:00:00/x" };
  const { clock, prober, requests } = proberStage([pod({ annotations, status: { phase: "Pending" } })]);
  prober.start();
  await clock.advance(90 * second);
  equal(requests.length, 0);
});

Deno.test("a hung probe is not joined by another of the same watchdog, and delays no other", async () => {
  const other = pod({ name: "web-2", uid: "uid-2", status: { podIP: "10.0.0.2" } });
  const { clock, prober, requests, hang } = proberStage([pod(), other]);
  hang("10.0.0.1");
  prober.start();
  await clock.advance(300 * second);
  equal(requests.filter(({ address }) => address === "10.0.0.1").length, 1);
  equal(requests.filter(({ address }) => address === "10.0.0.2").length, 10);
});

Deno.test("two thousand hung watchdogs of a pod take none of its neighbour's turns", async () => {
  const names = Array.from({ length: 2000 }, (_, i) => [`probe.autocrane.io/w${i}`, "POD_IP:1/"]);
  const greedy = makePod({ name: "greedy", uid: "g", annotations: Object.fromEntries(names) });
  const other = pod({ name: "web-2", uid: "uid-2", status: { podIP: "10.0.0.2" } });
  const { clock, prober, requests, hang, sockets } = proberStage([greedy, other]);
  hang("10.0.0.1");
  prober.start();
  // In steps of a second, as two thousand turns one by one would take long.
  for (let i = 0; i < 90; i++) {
    clock.suspend(second);
    await clock.advance(0);
  }
  equal(requests.filter(({ address }) => address === "10.0.0.1").length, 8);
  ok(requests.filter(({ address }) => address === "10.0.0.2").length >= 2);
  ok(sockets.free > 0);
});

Deno.test("a pod that took a name over has no verdicts of its predecessor", async () => {
  const { clock, prober, answer, store, verdictOf } = proberStage([pod()]);
  prober.start();
  answer(bad);
  await clock.advance(30 * second);
  store.upsert(pod({ uid: "uid-2", resourceVersion: "9" }));
  equal(verdictOf("uid-2", "disk"), undefined);
  deepEqual(prober.census(), { watchdogs: 1, failing: 0, failingPods: 0 });
});

Deno.test("an answer that comes after the pod's address changed does not count", async () => {
  const { clock, prober, hang, finish, store, verdictOf } = proberStage([pod()]);
  hang("10.0.0.1");
  prober.start();
  await clock.advance(30 * second);
  store.upsert(pod({ resourceVersion: "2", status: { podIP: "10.0.0.9" } }));
  await finish(bad);
  equal(verdictOf("uid-1", "disk"), undefined);
});

Deno.test("a refusal by a pod that is going does not count", async () => {
  const { clock, prober, hang, finish, store, verdictOf } = proberStage([pod()]);
  hang("10.0.0.1");
  prober.start();
  await clock.advance(30 * second);
  const going = pod({ resourceVersion: "2" });
  going.metadata!.deletionTimestamp = "2026-01-31T12:00:30Z";
  store.upsert(going);
  await finish(bad);
  equal(verdictOf("uid-1", "disk"), undefined);
});

Deno.test("a probe that changed starts anew, one that did not keeps what it found", async () => {
  const net = { "probe.autocrane.io/net": "POD_IP:9/" };
  const { clock, prober, answer, store, verdictOf } = proberStage([pod({ annotations: net })]);
  prober.start();
  answer(bad);
  await clock.advance(31 * second);
  store.upsert(pod({ resourceVersion: "2", annotations: { "probe.autocrane.io/net": "POD_IP:10/" } }));
  equal(verdictOf("uid-1", "net"), undefined);
  equal(verdictOf("uid-1", "disk")?.level, "error");
});

Deno.test("a probe that was removed is not made any more, and its pod is looked at", async () => {
  const { clock, prober, requests, store, looks } = proberStage([pod()]);
  prober.start();
  looks.length = 0;
  const status = { "status.autocrane.io/disk": "info/2026-01-31T11:00:00/x" };
  store.upsert(makePod({ resourceVersion: "2", annotations: status }));
  await clock.advance(90 * second);
  equal(requests.length, 0);
  deepEqual(looks, ["shop/web-1"]);
  deepEqual(prober.census(), { watchdogs: 0, failing: 0, failingPods: 0 });
});

Deno.test("a pod that is deleted is forgotten, with all that waits for it", async () => {
  const expiry = {
    "status.autocrane.io/app": "error/2026-01-31T11:00:00/x",
    "expires.status.autocrane.io/app": "2026-01-31T13:00:00",
  };
  const { clock, prober, requests, store } = proberStage([pod({ annotations: expiry })]);
  prober.start();
  store.remove(pod({ annotations: expiry }));
  await clock.advance(90 * second);
  equal(requests.length, 0);
  equal(clock.waiting, 0);
});

Deno.test("a namespace whose label may be written again is looked at, others are not", () => {
  const bank = pod({ namespace: "bank", uid: "uid-2" });
  const { prober, looks } = proberStage([pod(), bank]);
  prober.lookAgain("shop");
  deepEqual(looks, []);
  prober.start();
  looks.length = 0;
  prober.lookAgain("bank");
  deepEqual(looks, ["bank/web-1"]);
});

Deno.test("the census counts watchdogs, those whose last probe failed, and their pods", async () => {
  const net = { "probe.autocrane.io/net": "POD_IP:9/" };
  const other = pod({ name: "web-2", uid: "uid-2", status: { podIP: "10.0.0.2" } });
  const { clock, prober, answer, hang } = proberStage([pod({ annotations: net }), other]);
  hang("10.0.0.2");
  answer(bad);
  prober.start();
  await clock.advance(31 * second);
  deepEqual(prober.census(), { watchdogs: 3, failing: 2, failingPods: 1 });
});

Deno.test("probes are counted by result, and turns without one by their reason", async () => {
  const other = pod({ name: "web-2", uid: "uid-2", status: notReady });
  const gone = pod({ name: "web-3", uid: "uid-3", status: { phase: "Failed" } });
  const { clock, prober, answer, counts } = proberStage([pod(), other, gone]);
  prober.start();
  answer(bad);
  await clock.advance(30 * second);
  deepEqual(await counts("probes"), { status: 1 });
  deepEqual(await counts("skipped"), { "not-ready": 1, "no-address": 1 });
});

Deno.test("a pod whose gate waits for the probes is probed: the deadlock of old ends", async () => {
  const sketch = {
    spec: { containers: [container("app"), container("watchdoghealthz")] },
    status: { containerStatuses: [readiness("app", true), readiness("watchdoghealthz", false)] },
  };
  const { clock, prober, requests } = proberStage([pod(sketch)]);
  prober.start();
  await clock.advance(30 * second);
  equal(requests.length, 1);
});
