/** How an evictor speaks, and how its turns follow each other. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Outcome } from "../../../lib/orchestrator/evict/act.ts";
import { settled } from "../../support/fake_clock.ts";
import { failingPod, minute, pod, workload } from "../build.ts";
import { outcome, Stage } from "./stage.ts";

/** A stage with two failing pods of one workload, three scans in. */
async function afterThreeScans(): Promise<Stage> {
  const stage = new Stage();
  stage.pods = [failingPod({ name: "a" }), failingPod({ name: "b" })];
  await stage.scan(3);
  stage.said.length = 0;
  return stage;
}

Deno.test("an eviction is explained once, and its pod's end is left in peace", async () => {
  const stage = await afterThreeScans();
  stage.pods = [failingPod({ name: "a" })];
  await stage.scan();
  stage.pods = [failingPod({ name: "a", terminating: true })];
  await stage.scan(20);
  deepEqual(stage.said, ["a Evict WatchdogsFailed"]);
});

Deno.test("an exclusion is explained once, not once a scan", async () => {
  const stage = new Stage();
  stage.pods = [failingPod({ name: "a", wish: "never" })];
  await stage.scan(20);
  deepEqual(stage.said, ["a Exclude Never"]);
});

Deno.test("each change of the reason is explained", async () => {
  const stage = await afterThreeScans();
  stage.pods = [failingPod({ name: "a", paused: true })];
  await stage.scan(3);
  stage.pods = [failingPod({ name: "a" })];
  stage.pausedNamespaces = new Set(["shop"]);
  await stage.scan(3);
  deepEqual(stage.said, ["a Exclude PausedPod", "a Exclude PausedNamespace"]);
});

Deno.test("a pod that recovers is told so once, and its next failure is news", async () => {
  const stage = await afterThreeScans();
  stage.pods = [pod({ name: "a" })];
  await stage.scan(5);
  stage.pods = [failingPod({ name: "a" })];
  await stage.scan(2);
  deepEqual(stage.said, ["a Clear WatchdogsClear", "a Hold TooFewScans"]);
});

Deno.test("a pod that recovers is no longer one that was refused", async () => {
  const stage = await afterThreeScans();
  const { pods } = stage;
  stage.answer = () => outcome("budget");
  await stage.scan(2);
  stage.pods = [pod({ name: "a" }), pod({ name: "b" })];
  await stage.scan();
  stage.pods = pods;
  await stage.scan(3);
  stage.said.length = 0;
  await stage.scan();
  deepEqual(stage.said, ["b Hold InTurn", "a Refuse Budget"]);
});

Deno.test("a pod that is gone is forgotten: should it come back, it is told anew", async () => {
  const stage = new Stage();
  for (const pods of [[failingPod({ name: "a" })], [], [failingPod({ name: "a" })]]) {
    stage.pods = pods;
    await stage.scan();
  }
  deepEqual(stage.said, ["a Hold TooFewScans", "a Hold TooFewScans"]);
});

Deno.test("a pod that was always well is told nothing", async () => {
  const stage = new Stage();
  stage.pods = [pod()];
  await stage.scan(5);
  deepEqual(stage.said, []);
});

Deno.test("a dry run says what it would have done, once, and evicts and waits for nobody", async () => {
  const stage = await afterThreeScans();
  stage.pods = [failingPod({ name: "a" })];
  stage.answer = () => outcome("would-evict");
  await stage.scan(10);
  deepEqual(stage.said, ["a Hold DryRun"]);
  equal(stage.asked.length, 10);
  equal(await stage.metric("evictions_total", { outcome: "would-evict" }), 10);
  equal(await stage.metric("evictions_total", { outcome: "evicted" }), 0);
});

Deno.test("throttling is explained on the pod that met it", async () => {
  const stage = await afterThreeScans();
  stage.answer = () => outcome("throttled", minute);
  await stage.scan(10);
  deepEqual(stage.said, ["b Hold InTurn", "a Refuse Throttled"]);
});

Deno.test("decisions are counted once a change too", async () => {
  const stage = new Stage();
  stage.pods = [failingPod({ name: "a", wish: "never" })];
  await stage.scan(20);
  equal(await stage.metric("decisions_total", { did: "exclude", rule: "never" }), 1);
});

Deno.test("a namespace in a storm is counted while the storm lasts", async () => {
  const stage = new Stage();
  stage.pods = Array.from({ length: 6 }, (_, n) => failingPod({ name: `web-${n}` }));
  stage.workloadOf = ({ name }) => workload({ name: `of-${name}` });
  await stage.scan(5);
  deepEqual([await stage.metric("storms"), stage.asked.length], [1, 0]);
  stage.pods = [failingPod({ name: "web-0" })];
  await stage.scan();
  deepEqual([await stage.metric("storms"), stage.asked], [0, ["web-0"]]);
});

Deno.test("a scan that begins while an eviction is under way waits for what becomes of it", async () => {
  const stage = await afterThreeScans();
  const answer = Promise.withResolvers<Outcome>();
  stage.answer = () => answer.promise;
  const first = stage.scan();
  await settled();
  stage.pods = [failingPod({ name: "a", terminating: true }), failingPod({ name: "b" })];
  const others = [stage.evictor.judge(), stage.scan()];
  await settled();
  deepEqual(stage.asked, ["a"]);
  answer.resolve(outcome("evicted"));
  await Promise.all([first, ...others]);
  deepEqual(stage.asked, ["a"], "its workload is busy now");
});

Deno.test("an evictor that stops finishes the eviction that is under way and asks for no other", async () => {
  const stage = await afterThreeScans();
  stage.workloadOf = ({ name }) => workload({ name: `of-${name}` });
  const answer = Promise.withResolvers<Outcome>();
  stage.answer = () => answer.promise;
  const scan = stage.scan();
  await settled();
  let calm = false;
  const ended = stage.evictor.stop().then(() => calm = true);
  await settled();
  equal(calm, false);
  answer.resolve(outcome("evicted"));
  await ended;
  await scan;
  await stage.scan(3);
  deepEqual([stage.asked, stage.said], [["a"], ["a Evict WatchdogsFailed"]]);
});

Deno.test("that scans wait is said by scans alone, however often somebody looks in between", async () => {
  const stage = new Stage();
  stage.stale = "pods: silent for 90 s";
  await stage.evictor.judge();
  stage.evictor.sawEviction(failingPod({ evicted: true }), true);
  deepEqual(stage.logged, []);
  await stage.scan();
  stage.stale = undefined;
  await stage.evictor.judge();
  deepEqual(stage.logged, ["scans wait"]);
  await stage.scan();
  deepEqual(stage.logged, ["scans wait", "scans go on"]);
});

Deno.test("a scan that breaks says so to its caller, and the next one goes on", async () => {
  const stage = await afterThreeScans();
  const { workloadOf } = stage;
  stage.workloadOf = () => {
    throw new Error("a bug");
  };
  await rejects(stage.scan(), /a bug/);
  stage.workloadOf = workloadOf;
  await stage.scan();
  deepEqual(stage.asked, ["a"]);
});
