import { deepEqual, equal } from "node:assert/strict";
import { clearWatchdog, failingPod, pod, workload } from "../build.ts";
import { outcome, Stage } from "./stage.ts";

const words = "its data config is being put back to the last known good version";

/** A pod that fails, alone in its workload. */
function failing(): Stage {
  const stage = new Stage({ stormPercent: 100 });
  stage.pods = [failingPod({ name: "a" })];
  stage.workloadOf = () => workload();
  return stage;
}

Deno.test("a pod whose data is being put back is not evicted, and that is said", async () => {
  const stage = failing();
  stage.putBackOf = () => ({ holds: true, strikesFrom: 0, words });
  await stage.scan(10);
  deepEqual(stage.asked, []);
  deepEqual(stage.said, ["a Hold DataPutBack"]);
});

Deno.test("once its data is back a pod that fails on is evicted, by strikes that began again", async () => {
  const stage = failing();
  await stage.scan(3);
  // What it failed for so far may have been the data's fault.
  const back = stage.clock.now();
  stage.putBackOf = () => ({ holds: false, strikesFrom: back, words });
  await stage.scan(3);
  deepEqual(stage.asked, []);
  await stage.scan();
  deepEqual(stage.asked, ["a"]);
});

Deno.test("strikes from after the return stay", async () => {
  const stage = failing();
  stage.putBackOf = () => ({ holds: false, strikesFrom: stage.clock.now() - 1_000_000, words });
  await stage.scan(4);
  deepEqual(stage.asked, ["a"]);
});

Deno.test("who is down by AutoCrane's hand is told, a refused or drained pod is not", async () => {
  const stage = failing();
  stage.answer = () => outcome("budget");
  await stage.scan(4);
  deepEqual(stage.evicted, []);
  stage.answer = () => outcome("evicted");
  await stage.scan();
  deepEqual(stage.evicted, ["a-uid"]);
  const drained = pod({ name: "b", evicted: true, terminating: true, watchdogs: [clearWatchdog()] });
  stage.pods = [drained];
  stage.evictor.sawEviction(drained, true);
  await stage.scan();
  equal(stage.evicted.length, 1);
});

Deno.test("a predecessor's eviction of a failing pod is told as well", async () => {
  const stage = failing();
  const evicted = failingPod({ name: "b", evicted: true, terminating: true });
  stage.pods = [evicted];
  stage.evictor.sawEviction(evicted, true);
  await stage.scan();
  deepEqual(stage.evicted, ["b-uid"]);
});
