import { deepEqual, equal } from "node:assert/strict";
import { reportOf } from "../../../../lib/embedded/controllers/replica_sets/status.ts";
import { before, minute, noon, pod, replicaSet, second } from "../build.ts";

const labels = { app: "web", "pod-template-hash": "a" };

Deno.test("a status counts pods by what they are", () => {
  const pods = [
    pod("ready", { labels }),
    pod("ready-too", { labels: { app: "web" } }),
    pod("starting", { labels, readyFor: undefined, phase: "Pending" }),
    pod("finished", { labels, phase: "Succeeded" }),
    pod("leaving", { labels, deletionTimestamp: before(0) }),
  ];
  const { status, again } = reportOf(replicaSet("a", { generation: 4 }), pods, undefined, noon);
  deepEqual(status, {
    replicas: 3,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    terminatingReplicas: 1,
    observedGeneration: 4,
  });
  equal(again, undefined);
});

Deno.test("an empty set says that it has no pods, and none on their way out", () => {
  const { status } = reportOf(replicaSet("a"), [], undefined, noon);
  deepEqual(status, { replicas: 0, terminatingReplicas: 0, observedGeneration: 1 });
});

Deno.test("with minReadySeconds the next look is when the first waiting pod has been ready for long enough", () => {
  const pods = [minute, 20 * second, 5 * second].map((readyFor, i) => pod(`p-${i}`, { readyFor }));
  const { status, again } = reportOf(replicaSet("a", { minReadySeconds: 30 }), pods, undefined, noon);
  equal(status.readyReplicas, 3);
  equal(status.availableReplicas, 1);
  equal(again, 10 * second);
});

Deno.test("a failure is told once, with the time at which it began, until it is over", () => {
  const failure = { reason: "FailedCreate", message: "no" } as const;
  const failed = reportOf(replicaSet("a"), [], failure, noon).status;
  deepEqual(failed.conditions, [
    { type: "ReplicaFailure", status: "True", lastTransitionTime: "2026-01-31T12:00:00Z", ...failure },
  ]);
  const held = replicaSet("a", { status: failed });
  const later = reportOf(held, [], { ...failure, message: "still no" }, noon + minute).status;
  deepEqual(later.conditions, failed.conditions);
  equal(reportOf(held, [], undefined, noon + minute).status.conditions, undefined);
});
