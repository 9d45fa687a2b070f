import { deepEqual, equal } from "node:assert/strict";
import type { Pod } from "../../../../k8s/core_v1.ts";
import { recreate } from "../../../../lib/embedded/controllers/deployments/recreate.ts";
import { type Sets, sizeOf } from "../../../../lib/embedded/controllers/deployments/sets.ts";
import { before, deployment, ownedBy, pod, replicaSet } from "../build.ts";

const recreated = deployment({ spec: { strategy: { type: "Recreate" } } });
const fresh = () => replicaSet("new", { replicas: 3, tag: 2 });
const emptied = replicaSet("old", { replicas: 0 });
const oldPod = (changes = {}) =>
  pod("a", { ownerReferences: [ownedBy("ReplicaSet", "web-old")], ...changes });

function step(sets: Sets, pods: readonly Pod[] = []): Sets {
  return recreate(sets, recreated, pods, fresh);
}

Deno.test("old sets are emptied before there is a new one", () => {
  const { current, old } = step({ old: [replicaSet("old"), replicaSet("older")] });
  equal(current, undefined);
  deepEqual(old.map(sizeOf), [0, 0]);
});

Deno.test("nothing moves while an old pod is still on its way out", () => {
  const waiting = { old: [emptied] };
  equal(step(waiting, [oldPod({ deletionTimestamp: before(0) })]), waiting);
  const counted = { old: [replicaSet("old", { replicas: 0, status: { replicas: 1 } })] };
  equal(step(counted), counted);
});

Deno.test("old pods that have finished hold nothing up", () => {
  equal(step({ old: [emptied] }, [oldPod({ phase: "Failed" })]).current?.metadata?.name, "web-new");
});

Deno.test("once the old pods are gone the new set is made, or gets its size", () => {
  equal(sizeOf(step({ old: [emptied] }).current!), 3);
  const held = replicaSet("new", { replicas: 1, tag: 2 });
  equal(sizeOf(step({ current: held, old: [emptied] }).current!), 3);
});
