import { deepEqual, equal } from "node:assert/strict";
import { planReplicas, podOf } from "../../../../lib/embedded/controllers/replica_sets/plan.ts";
import { before, noon, ownedBy, pod, replicaSet } from "../build.ts";

const three = [pod("a"), pod("b"), pod("c")];

function planFor(replicas: number, pods = three) {
  const { create, remove } = planReplicas(replicaSet("a", { replicas }), pods, pods, noon);
  return { create, remove: remove.map(({ metadata }) => metadata!.name) };
}

Deno.test("a set that is complete is left as it is", () => deepEqual(planFor(3), { create: 0, remove: [] }));

Deno.test("missing pods are created, and those too many removed", () => {
  deepEqual(planFor(5), { create: 2, remove: [] });
  equal(planFor(1).remove.length, 2);
  equal(planFor(0).remove.length, 3);
});

Deno.test("pods that have finished or are on their way out are replaced", () => {
  const pods = [pod("a"), pod("b", { phase: "Failed" }), pod("c", { deletionTimestamp: before(0) })];
  deepEqual(planFor(3, pods), { create: 2, remove: [] });
});

Deno.test("at most 500 pods are created or removed at a look", () => {
  equal(planFor(900, []).create, 500);
  equal(planFor(0, Array.from({ length: 600 }, (_, i) => pod(`p-${i}`))).remove.length, 500);
});

Deno.test("a set that is being deleted makes and removes nothing", () => {
  const leaving = replicaSet("a", { replicas: 5, deletionTimestamp: before(0) });
  deepEqual(planReplicas(leaving, three, three, noon), { create: 0, remove: [] });
});

Deno.test("a new pod is as the template says, and names its set as its controller", () => {
  const set = replicaSet("a", { tag: 7 });
  const { metadata, spec } = podOf(set);
  deepEqual(metadata, {
    generateName: "web-a-",
    labels: { app: "web", "pod-template-hash": "a" },
    annotations: undefined,
    finalizers: undefined,
    ownerReferences: [ownedBy("ReplicaSet", "web-a")],
  });
  deepEqual(spec, set.spec!.template!.spec);
});
