import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { maxProbesASecond, type Probe, soon, stretchOf } from "../../../lib/watchdog/prober/pace.ts";
import { makePod } from "./build.ts";
import { good, proberStage } from "./prober_stage.ts";

/** A pod with so many watchdogs, each to be probed once in so many seconds. */
function busyPod(watchdogs: number, seconds: number, resourceVersion: string = "1") {
  const annotations: Record<string, string> = {};
  for (let i = 0; i < watchdogs; i++) {
    annotations[`probe.autocrane.io/w${i}`] = "POD_IP:1/";
    annotations[`probe-options.autocrane.io/w${i}`] = `interval=${seconds}s`;
  }
  return makePod({ annotations, resourceVersion });
}

/** Lets seconds pass, in steps: very many turns one by one would take long. */
async function pass({ clock }: ReturnType<typeof proberStage>, seconds: number): Promise<void> {
  for (let i = 0; i < 10 * seconds; i++) {
    clock.suspend(100);
    await clock.advance(0);
  }
}

function probes(intervals: readonly number[]): Probe[] {
  const options = { timeout: 1, failures: 1, successes: 1, action: "evict" } as const;
  const target = { scheme: "http", port: 1, path: "/" } as const;
  return intervals.map((interval, i) => ({ name: `${i}`, target, options: { ...options, interval } }));
}

Deno.test("whatever intervals a pod asks for, stretched they make no more probes than it may cause", () => {
  const intervals = fc.array(fc.integer({ min: 1000, max: 3_600_000 }), { maxLength: 300 });
  fc.assert(fc.property(intervals, (intervals) => {
    const stretch = stretchOf(probes(intervals));
    const perSecond = intervals.reduce((sum, interval) => sum + 1000 / (interval * stretch), 0);
    ok(stretch >= 1 && perSecond <= maxProbesASecond + 1e-6, `${perSecond}`);
    if (stretch > 1) ok(perSecond > maxProbesASecond - 1e-6, "and no fewer");
  }));
});

Deno.test("few probes that are to be made soon are made within a second, many at the pod's rate", () => {
  deepEqual([soon(0), soon(64), soon(640)], [1000, 1000, 10_000]);
});

Deno.test("a pod with a thousand watchdogs a second has them all probed, at the rate that it may cause", async () => {
  const stage = proberStage([busyPod(1000, 1)]);
  stage.prober.start();
  await pass(stage, 32);
  const made = stage.requests.length;
  ok(made > 31 * maxProbesASecond && made <= 33 * maxProbesASecond, `${made} probes`);
  const names = Array.from({ length: 1000 }, (_, i) => `w${i}`);
  deepEqual(names.filter((name) => stage.verdictOf("uid-1", name) === undefined), []);
});

Deno.test("a pod that becomes ready again and again causes no more probes for it", async () => {
  const stage = proberStage([busyPod(1000, 30)]);
  stage.prober.start();
  const notReady = { containerStatuses: [] };
  for (let i = 1; i <= 20; i++) {
    const sketch = busyPod(1000, 30, `${2 * i}`);
    stage.store.upsert({ ...sketch, status: { ...sketch.status, ...notReady } });
    stage.store.upsert(busyPod(1000, 30, `${2 * i + 1}`));
    await pass(stage, 1);
  }
  ok(stage.requests.length <= 21 * maxProbesASecond, `${stage.requests.length} probes`);
});

Deno.test("that a pod's intervals are stretched is said once, and once when they are not any more", async () => {
  const stage = proberStage([]);
  stage.prober.start();
  stage.store.upsert(busyPod(65, 1, "1"));
  stage.store.upsert(busyPod(66, 1, "2"));
  const warning = "warn: a pod asks for too many probes, so their intervals are stretched";
  deepEqual(stage.lines, [warning]);
  equal(await stage.slowed(), 1);
  stage.store.upsert(busyPod(64, 1, "3"));
  deepEqual(stage.lines, [warning, "info: a pod's probes keep to their intervals again"]);
  equal(await stage.slowed(), 0);
  stage.store.upsert(busyPod(65, 1, "4"));
  stage.store.remove(busyPod(65, 1, "5"));
  equal(await stage.slowed(), 0);
});

Deno.test("watchdogs whose intervals are stretched anew keep what was found, and probes under way count", async () => {
  const stage = proberStage([busyPod(64, 1)]);
  stage.prober.start();
  await pass(stage, 1);
  equal(stage.verdictOf("uid-1", "w0")?.level, "info");
  stage.hang("10.0.0.1");
  await pass(stage, 2);
  stage.store.upsert(busyPod(640, 1, "2"));
  equal(stage.verdictOf("uid-1", "w0")?.level, "info");
  const before = (await stage.counts("probes")).ok!;
  await stage.finish(good);
  ok((await stage.counts("probes")).ok! >= before + 8);
  const { length } = stage.requests;
  await pass(stage, 10);
  ok(stage.requests.length - length <= 11 * maxProbesASecond, "and the intervals are the new ones");
  equal(stage.clock.waiting, 1);
});

Deno.test("a pod within its rate is probed as its annotations say", async () => {
  const stage = proberStage([busyPod(64, 1)]);
  stage.prober.start();
  await pass(stage, 10);
  ok(Math.abs(stage.requests.length - 640) <= 64, `${stage.requests.length}`);
  deepEqual(stage.lines, []);
});

Deno.test("a watchdog with an interval of an hour is probed within half a minute of the prober's start", async () => {
  const stage = proberStage([busyPod(3, 3600)]);
  stage.prober.start();
  await pass(stage, 30);
  equal(stage.requests.length, 3);
});
