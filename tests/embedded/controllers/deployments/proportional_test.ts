import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { mostPods } from "../../../../lib/embedded/controllers/deployments/limits.ts";
import { isScaled, scale } from "../../../../lib/embedded/controllers/deployments/proportional.ts";
import { type Sets, sizeOf } from "../../../../lib/embedded/controllers/deployments/sets.ts";
import { before, deployment, hour, minute, replicaSet, type ReplicaSetChanges } from "../build.ts";

function noted(desired: number, most: number): Record<string, string> {
  return {
    "deployment.kubernetes.io/desired-replicas": String(desired),
    "deployment.kubernetes.io/max-replicas": String(most),
  };
}

function set(name: string, replicas: number, changes: ReplicaSetChanges = {}): ReplicaSet {
  return replicaSet(name, { replicas, annotations: noted(10, 13), ...changes });
}

function sized(replicas: number) {
  return deployment({ spec: { replicas } });
}

function sizes(sets: Sets): number[] {
  return [...sets.old, ...(sets.current ? [sets.current] : [])].map(sizeOf);
}

Deno.test("a Deployment is scaled when a set with pods got its size for another one", () => {
  equal(isScaled({ current: set("new", 10), old: [] }, sized(10)), false);
  equal(isScaled({ current: set("new", 10), old: [] }, sized(12)), true);
  equal(isScaled({ current: set("new", 10, { annotations: {} }), old: [] }, sized(12)), false);
  const emptied = set("old", 0, { annotations: noted(3, 4) });
  equal(isScaled({ current: set("new", 10), old: [emptied] }, sized(10)), false);
});

Deno.test("a single set with pods takes it all", () => {
  deepEqual(sizes(scale({ current: set("new", 10), old: [set("old", 0)] }, sized(14))), [0, 14]);
  deepEqual(sizes(scale({ old: [set("older", 0), set("old", 0)] }, sized(4))), [0, 4]);
  const none = { old: [] };
  equal(scale(none, sized(4)), none);
});

Deno.test("old sets are emptied where the current one has all its pods", () => {
  const done = set("new", 10, { running: 10 });
  deepEqual(sizes(scale({ current: done, old: [set("old", 3)] }, sized(10))), [0, 10]);
});

Deno.test("in the midst of a rollout sets grow and shrink by their shares", () => {
  const rolling = { current: set("new", 5, { running: 3 }), old: [set("old", 8)] };
  deepEqual(sizes(scale(rolling, sized(20))), [15, 10]);
  deepEqual(sizes(scale(rolling, sized(5))), [4, 3]);
  deepEqual(sizes(scale(rolling, sized(0))), [0, 0]);
});

Deno.test("of sets of one size the newer grows and the older shrinks by what is left over", () => {
  const older = set("older", 5, { creationTimestamp: before(2 * hour), annotations: noted(10, 10) });
  const newer = set("newer", 5, {
    creationTimestamp: before(minute),
    running: 0,
    annotations: noted(10, 10),
  });
  const exact = (replicas: number) =>
    deployment({
      spec: {
        replicas,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      },
    });
  deepEqual(sizes(scale({ current: newer, old: [older] }, exact(11))), [5, 6]);
  deepEqual(sizes(scale({ current: newer, old: [older] }, exact(9))), [4, 5]);
});

Deno.test("a Deployment that recreates its pods has no shares", () => {
  const recreated = deployment({ spec: { replicas: 20, strategy: { type: "Recreate" } } });
  const sets = { current: set("new", 5, { running: 0 }), old: [set("old", 5)] };
  equal(scale(sets, recreated), sets);
});

Deno.test("shares fill the Deployment exactly, and but for what rounding leaves to the largest all go one way", () => {
  const anySizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 });
  fc.assert(fc.property(anySizes, fc.integer({ min: 1, max: 80 }), (held, replicas) => {
    const total = held.reduce((sum, size) => sum + size);
    const all = held.map((size, i) => set(`s-${i}`, size, { running: 0, annotations: noted(total, total) }));
    const scaled = sizes(scale({ current: all.at(-1), old: all.slice(0, -1) }, sized(replicas)));
    equal(scaled.reduce((sum, size) => sum + size), mostPods(sized(replicas)));
    const way = Math.sign(mostPods(sized(replicas)) - total);
    const largest = Math.max(...held);
    scaled.forEach((size, i) => ok(held[i] === largest || (size - held[i]!) * way >= 0));
  }));
});
