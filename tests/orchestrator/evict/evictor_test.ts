import { deepEqual, equal } from "node:assert/strict";
import { failingPod, minute, pod, watchdog, workload } from "../build.ts";
import { outcome, Stage } from "./stage.ts";

/** A stage with these pods, each of a workload of its own, which counts as one namespace's storm for nobody. */
function stageOf(...names: string[]): Stage {
  const stage = new Stage({ stormPercent: 100 });
  stage.pods = names.map((name) => failingPod({ name }));
  stage.workloadOf = ({ name }) => workload({ name: `of-${name}` });
  return stage;
}

Deno.test("a pod that keeps failing is evicted in the fourth scan, and not before", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  deepEqual(stage.asked, []);
  await stage.scan();
  deepEqual(stage.asked, ["a"]);
});

Deno.test("a scan without the failure begins the count anew", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  stage.pods = [pod({ name: "a" })];
  await stage.scan();
  stage.pods = [failingPod({ name: "a" })];
  await stage.scan(3);
  deepEqual(stage.asked, []);
  await stage.scan();
  deepEqual(stage.asked, ["a"]);
});

Deno.test("a successor of the same name has no strikes", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  stage.pods = [failingPod({ name: "a", uid: "successor" })];
  await stage.scan(3);
  deepEqual(stage.asked, []);
});

Deno.test("while no prober works, what it left behind evicts nobody and takes no strike away", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  stage.proberWorks = false;
  await stage.scan(10);
  deepEqual(stage.asked, []);
  stage.proberWorks = true;
  await stage.scan();
  deepEqual(stage.asked, ["a"]);
});

Deno.test("while no prober works, errors that applications posted evict as ever", async () => {
  const stage = stageOf();
  stage.proberWorks = false;
  stage.pods = [failingPod({ name: "a", watchdogs: [watchdog({ probed: false })] })];
  await stage.scan(4);
  deepEqual(stage.asked, ["a"]);
});

Deno.test("of a pod about which nobody can tell it is not said that it is clear", async () => {
  const stage = stageOf("a");
  await stage.scan();
  stage.proberWorks = false;
  await stage.scan();
  deepEqual(stage.said, ["a Hold TooFewScans"]);
});

Deno.test("an error that has expired is no strike", async () => {
  const stage = stageOf();
  const expires = stage.clock.now() + 2.5 * minute;
  stage.pods = [failingPod({ name: "a", watchdogs: [watchdog({ expires })] })];
  await stage.scan(10);
  deepEqual(stage.asked, []);
});

Deno.test("the stand-by counts too, evicts nobody and says nothing", async () => {
  const stage = stageOf("a");
  stage.leads = false;
  await stage.scan(10);
  deepEqual([stage.asked, stage.said], [[], []]);
  equal(await stage.metric("failing_pods"), 1);
});

Deno.test("a new leader acts at once by what it counted as the stand-by", async () => {
  const stage = stageOf("a");
  stage.leads = false;
  await stage.scan(4);
  stage.leads = true;
  await stage.evictor.judge();
  deepEqual(stage.asked, ["a"]);
  deepEqual(stage.said, ["a Evict WatchdogsFailed"]);
});

Deno.test("becoming the leader is no scan", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  for (let time = 0; time < 5; time++) await stage.evictor.judge();
  deepEqual(stage.asked, []);
});

Deno.test("an evictor that loses leadership in the middle stops", async () => {
  const stage = stageOf("a", "b", "c");
  stage.answer = () => {
    stage.leads = false;
    return outcome("evicted");
  };
  await stage.scan(4);
  deepEqual(stage.asked, ["a"]);
});

Deno.test("what is stale is not counted, and nobody is evicted by it", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  stage.stale = "pods: silent for 90 s";
  await stage.scan(5);
  await stage.evictor.judge();
  deepEqual(stage.asked, []);
  equal(await stage.metric("scans_total", { outcome: "skipped" }), 5);
  equal(await stage.metric("scans_total", { outcome: "counted" }), 3);
});

Deno.test("after a stale time strikes go on where they were, and both ends are logged once", async () => {
  const stage = stageOf("a");
  await stage.scan(3);
  stage.stale = "pods: silent for 90 s";
  await stage.scan(5);
  stage.stale = undefined;
  await stage.scan();
  deepEqual(stage.asked, ["a"]);
  deepEqual(stage.logged, ["scans wait", "scans go on"]);
});

Deno.test("throttling stops all evictions until the time that was asked for has passed", async () => {
  const stage = stageOf("a", "b");
  stage.answer = () => outcome("throttled", 90_000);
  await stage.scan(4);
  deepEqual(stage.asked, ["a"]);
  stage.answer = () => outcome("evicted");
  await stage.scan();
  deepEqual(stage.asked, ["a"], "60 of 90 seconds are over");
  await stage.scan();
  deepEqual(stage.asked, ["a", "a", "b"]);
});

Deno.test("throttling also stops a judgement between scans", async () => {
  const stage = stageOf("a");
  stage.answer = () => outcome("throttled", 90_000);
  await stage.scan(4);
  await stage.evictor.judge();
  deepEqual(stage.asked, ["a"]);
});

Deno.test("one pod's refusal stops no other pod's eviction", async () => {
  const stage = stageOf("a", "b", "c", "d", "e", "f");
  const kinds = ["budget", "two-budgets", "forbidden", "gone", "changed", "failed"] as const;
  stage.answer = ({ name }) => outcome(kinds["abcdef".indexOf(name)]!);
  await stage.scan(4);
  deepEqual(stage.asked.join(""), "abcdef");
  for (const kind of kinds) equal(await stage.metric("evictions_total", { outcome: kind }), 1, kind);
});

Deno.test("each refusal has a reason of its own on its pod", async () => {
  const stage = stageOf("a", "b", "c");
  const kinds = { a: "budget", b: "two-budgets", c: "changed" } as const;
  stage.answer = ({ name }) => outcome(kinds[name as "a"]);
  await stage.scan(5);
  deepEqual(stage.said.slice(3), ["a Refuse Budget", "b Refuse TwoBudgets", "c Refuse Changed"]);
});

/** A stage whose pods are all of one workload. */
function crewOf(...names: string[]): Stage {
  const stage = stageOf(...names);
  stage.workloadOf = () => workload({ desired: names.length, ready: names.length - 1 });
  return stage;
}

for (const kind of ["budget", "two-budgets", "forbidden", "changed", "failed"] as const) {
  Deno.test(`pods whose evictions are refused (${kind}) take turns within their workload`, async () => {
    const stage = crewOf("a", "b", "c");
    stage.answer = () => outcome(kind);
    await stage.scan(3 + 6);
    equal(stage.asked.join(""), "abcabc");
  });
}

Deno.test("pods that take turns at being refused are told so once, not at each turn", async () => {
  const stage = crewOf("a", "b");
  stage.answer = () => outcome("budget");
  await stage.scan(50);
  deepEqual(stage.said, [
    "a Hold TooFewScans",
    "b Hold TooFewScans",
    "b Hold InTurn",
    "a Refuse Budget",
    "b Refuse Budget",
  ]);
});

Deno.test("a workload loses no second pod while the first one is being replaced", async () => {
  const stage = crewOf("a", "b");
  await stage.scan(8);
  deepEqual(stage.asked, ["a"]);
  stage.pods = [failingPod({ name: "b" }), pod({ name: "c", ready: false })];
  await stage.scan(2);
  deepEqual(stage.asked, ["a"]);
  stage.pods = [failingPod({ name: "b" }), pod({ name: "c" })];
  await stage.scan();
  deepEqual(stage.asked, ["a", "b"]);
});

Deno.test("a refused eviction leaves the workload's pods as many as before", async () => {
  const stage = crewOf("a", "b");
  stage.answer = ({ name }) => outcome(name === "a" ? "budget" : "evicted");
  await stage.scan(5);
  deepEqual(stage.asked, ["a", "b"]);
});

Deno.test("an eviction that is both made and seen is one", async () => {
  const stage = crewOf("a", "b");
  stage.workloadOf = () => workload({ failingLimit: "2" });
  stage.answer = (pod) => {
    stage.evictor.sawEviction(pod, true);
    return outcome("evicted");
  };
  await stage.scan(4);
  deepEqual(stage.asked, ["a", "b"]);
});

Deno.test("a pod whose eviction was accepted is not asked for again while it is still seen as it was", async () => {
  const stage = crewOf("a", "b", "c");
  stage.workloadOf = () => workload({ failingLimit: "3" });
  stage.pods = [
    failingPod({ name: "a" }),
    failingPod({ name: "alone", controller: undefined, wish: "always" }),
  ];
  await stage.scan(8);
  deepEqual(stage.asked, ["a", "alone"]);
});

Deno.test("a replacement that comes into sight before the API server's answer is one all the same", async () => {
  const stage = crewOf("a", "b");
  stage.answer = () => {
    stage.evictor.sawPod(pod({ name: "c" }));
    return outcome("evicted");
  };
  await stage.scan(4);
  stage.pods = [failingPod({ name: "b" }), pod({ name: "c" })];
  await stage.scan();
  deepEqual(stage.asked, ["a", "b"]);
});
