import { deepEqual, equal, ok } from "node:assert/strict";
import type { DataFacts } from "../../../lib/orchestrator/rollout/facts.ts";
import { DataObserver } from "../../../lib/orchestrator/rollout/observe.ts";
import type { JudgedPod } from "../../../lib/orchestrator/pod.ts";
import { failingPod, noon, pod, type PodChanges, workload } from "../build.ts";

const facts: DataFacts = {
  deployments: [{ name: "config", source: "config" }],
  deps: [],
  url: "http://datarepo",
  problems: [],
  requests: new Map(),
  statuses: new Map(),
  restarts: 0,
  restartedAt: undefined,
  crashing: false,
};

function dataPod(changes: PodChanges = {}, made: (changes: PodChanges) => JudgedPod = pod): JudgedPod {
  return { ...made(changes), data: facts };
}

function stage(pods: readonly JudgedPod[], repositoryUrl = "http://datarepo/") {
  const observer = new DataObserver({
    observe: () => ({
      pods,
      workloadOf: () => workload(),
      pausedNamespaces: new Set(["depot"]),
      proberWorks: true,
    }),
    catalogue: () => undefined,
    repositoryUrl,
  });
  const model = (namespace = "shop") => {
    const look = observer.look(namespace, noon);
    if ("stale" in look) throw new Error(look.stale);
    return look.model;
  };
  return { observer, model };
}

Deno.test("a namespace's model has its own pods, and says whether it is paused", () => {
  const { model, observer } = stage([dataPod({ name: "a" }), dataPod({ name: "b", namespace: "depot" })]);
  deepEqual(model().pods.map(({ name }) => name), ["a"]);
  deepEqual([model().paused, model("depot").paused], [false, true]);
  deepEqual([...observer.namespaces()], ["shop", "depot"]);
});

Deno.test("a pod of another repository is told from one of ours, however the URL is spelled", () => {
  equal(stage([dataPod()]).model().pods[0]!.otherRepository, false);
  equal(stage([dataPod()], "http://elsewhere").model().pods[0]!.otherRepository, true);
});

Deno.test("a pod that AutoCrane evicted is told as evicted, also once it is gone; a drained one is not", () => {
  const [ours, drained, predecessors] = [
    dataPod({ name: "ours" }),
    dataPod({ name: "drained", evicted: true }),
    dataPod({ name: "predecessors", evicted: true }, failingPod),
  ];
  const { observer, model } = stage([ours, drained, predecessors]);
  observer.evicted(ours.uid);
  deepEqual(model().pods.map(({ evicted }) => evicted), [true, false, true]);
  observer.lostPod(ours);
  observer.lostPod(drained);
  // What was judged only after the pod had gone counts, too.
  observer.lostPod(predecessors);
  observer.evicted(predecessors.uid);
  deepEqual(model().gone.map(({ name, why }) => [name, why]), [
    ["ours", "evicted"],
    ["drained", "other"],
    ["predecessors", "evicted"],
  ]);
  equal(model("depot").gone.length, 0);
});

Deno.test("what is remembered of pods that are gone is bounded", () => {
  const { observer, model } = stage([]);
  for (let n = 0; n < 5_000; n++) observer.lostPod(dataPod({ name: `p${n}` }));
  const { gone } = model();
  equal(gone.length, 2_000);
  equal(gone.at(-1)!.name, "p4999");
});

Deno.test("a paused workload pauses its pods", () => {
  const observer = new DataObserver({
    observe: () => ({
      pods: [dataPod()],
      workloadOf: () => workload({ paused: true }),
      pausedNamespaces: new Set(),
      proberWorks: true,
    }),
    catalogue: () => undefined,
    repositoryUrl: "http://datarepo",
  });
  const look = observer.look("shop", noon);
  ok(!("stale" in look) && look.model.pods[0]!.paused);
});
