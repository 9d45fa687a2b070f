/** What an evictor makes of evictions that it sees, and did not ask for. */
import { deepEqual } from "node:assert/strict";
import { failingPod, pod, workload } from "../build.ts";
import { Stage } from "./stage.ts";

/** A stage whose pods, all failing, are of one workload that may lose one at a time. */
function crewOf(...names: string[]): Stage {
  const stage = new Stage({ stormPercent: 100 });
  stage.pods = names.map((name) => failingPod({ name }));
  stage.workloadOf = () => workload({ desired: names.length, ready: names.length - 1 });
  return stage;
}

const evicted = failingPod({ name: "a", evicted: true });
const ending = failingPod({ name: "a", evicted: true, terminating: true });
const b = failingPod({ name: "b" });

Deno.test("an eviction that the stand-by saw counts when it leads", async () => {
  const stage = crewOf("a", "b");
  stage.leads = false;
  await stage.scan(4);
  stage.evictor.sawEviction(failingPod({ name: "a", evicted: true }), true);
  stage.pods = [failingPod({ name: "a", terminating: true }), failingPod({ name: "b" })];
  stage.leads = true;
  await stage.evictor.judge();
  deepEqual(stage.asked, []);
});

Deno.test("an eviction that is seen before the first scan counts if its pod fails", async () => {
  const stage = crewOf("a", "b");
  stage.evictor.sawEviction(failingPod({ name: "a", evicted: true }), true);
  stage.pods = [failingPod({ name: "b" })];
  await stage.scan(4);
  deepEqual(stage.asked, []);
});

Deno.test("a healthy pod that somebody drains is not down by AutoCrane's hand", async () => {
  const stage = crewOf("a", "b");
  stage.pods = [pod({ name: "a" }), failingPod({ name: "b" })];
  await stage.scan(3);
  stage.evictor.sawEviction(pod({ name: "a", evicted: true }), true);
  await stage.scan();
  deepEqual(stage.asked, ["b"]);
});

Deno.test("an eviction that the stand-by saw while its view was stale counts when it leads", async () => {
  const stage = crewOf("a", "b");
  stage.leads = false;
  await stage.scan(4);
  stage.stale = "the API server does not answer";
  await stage.scan();
  stage.evictor.sawEviction(evicted, true);
  stage.stale = undefined;
  stage.pods = [b];
  stage.leads = true;
  await stage.evictor.judge();
  await stage.scan(3);
  deepEqual(stage.asked, []);
});

Deno.test("a restarted orchestrator finds the evictions that are under way", async () => {
  const stage = crewOf();
  stage.pods = [ending, b];
  await stage.scan(8);
  deepEqual(stage.asked, []);
  stage.pods = [b, pod({ name: "c" })];
  await stage.scan();
  deepEqual(stage.asked, ["b"], "what came later is a replacement");
});

Deno.test("an eviction under way is found also where the prober is not known to work at first", async () => {
  const stage = crewOf();
  stage.pods = [ending, b];
  stage.proberWorks = false;
  await stage.scan(2);
  stage.proberWorks = true;
  await stage.scan();
  stage.pods = [b];
  await stage.scan(4);
  deepEqual(stage.asked, []);
});

Deno.test("pods in sight when an eviction is found replace nothing: they may have been there before it", async () => {
  const stage = crewOf();
  stage.pods = [ending, b, pod({ name: "c" })];
  await stage.scan();
  stage.pods = [b, pod({ name: "c" })];
  await stage.scan(5);
  deepEqual(stage.asked, []);
});

Deno.test("the same holds for one that a new list shows", async () => {
  const stage = crewOf("a", "b");
  stage.leads = false;
  await stage.scan(4);
  stage.evictor.sawEviction(evicted, false);
  stage.evictor.sawPod(pod({ name: "c" }));
  stage.pods = [b, pod({ name: "c" })];
  stage.leads = true;
  await stage.scan(2);
  deepEqual(stage.asked, []);
});

Deno.test("pods that are seen to come after an eviction replace its pod, however late it is judged", async () => {
  const stage = crewOf("a", "b");
  stage.leads = false;
  await stage.scan(4);
  stage.evictor.sawEviction(evicted, true);
  stage.evictor.sawPod(pod({ name: "c" }));
  stage.pods = [b, pod({ name: "c" })];
  stage.leads = true;
  await stage.scan();
  deepEqual(stage.asked, ["b"]);
});

Deno.test("a pod that does not end for hours is one eviction, not one after the other", async () => {
  const stage = crewOf();
  stage.pods = [ending, b];
  await stage.scan(10);
  deepEqual(stage.asked, []);
  stage.answer = ({ name }) => ({ kind: "budget", words: name });
  await stage.scan(180);
  deepEqual(stage.asked.length > 160, true, `asked ${stage.asked.length} times`);
});

Deno.test("a healthy pod that is being drained and fails as it ends is not down by AutoCrane's hand", async () => {
  const stage = crewOf();
  stage.pods = [pod({ name: "a", evicted: true, terminating: true }), b];
  await stage.scan(3);
  stage.pods = [ending, b];
  await stage.scan();
  deepEqual(stage.asked, ["b"]);
});
