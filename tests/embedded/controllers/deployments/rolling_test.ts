import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { fewestAvailable, mostPods } from "../../../../lib/embedded/controllers/deployments/limits.ts";
import { roll } from "../../../../lib/embedded/controllers/deployments/rolling.ts";
import {
  allOf,
  availableOf,
  desiredOf,
  type Sets,
  sizeOf,
  sumOf,
} from "../../../../lib/embedded/controllers/deployments/sets.ts";
import { before, deployment, hour, minute, replicaSet } from "../build.ts";

const current = (replicas: number, running = replicas) => replicaSet("new", { replicas, running, tag: 2 });
const old = (replicas: number, running = replicas) => replicaSet("old", { replicas, running });

/** A Deployment of ten pods with a surge of 3, of which 2 may be unavailable. */
const ten = deployment({ spec: { replicas: 10 } });

function sizes(sets: Sets): number[] {
  return [...sets.old, sets.current!].map(sizeOf);
}

Deno.test("the current set grows first, as far as the surge allows", () => {
  deepEqual(sizes(roll({ current: current(0), old: [old(10)] }, ten)), [10, 3]);
});

Deno.test("once it cannot grow, old pods go as far as enough stay available", () => {
  deepEqual(sizes(roll({ current: current(3, 0), old: [old(10)] }, ten)), [8, 3]);
  deepEqual(sizes(roll({ current: current(5, 3), old: [old(8)] }, ten)), [5, 5]);
});

Deno.test("new pods that do not become available hold up all that would cost availability", () => {
  const stuck = { current: current(5, 0), old: [old(8)] };
  equal(roll(stuck, ten), stuck);
});

Deno.test("old pods that are not available go first, of the oldest set on, and cost nothing", () => {
  const oldest = replicaSet("oldest", { replicas: 4, running: 1, creationTimestamp: before(3 * hour) });
  const rolled = roll({
    current: current(4, 4),
    old: [oldest, replicaSet("old", { replicas: 5, running: 4 })],
  }, ten);
  deepEqual(sizes(rolled), [0, 4, 4]);
});

Deno.test("the oldest set shrinks first", () => {
  const oldest = replicaSet("oldest", { replicas: 2, creationTimestamp: before(2 * hour) });
  const older = replicaSet("older", { replicas: 6, creationTimestamp: before(hour + minute) });
  deepEqual(sizes(roll({ current: current(5, 5), old: [oldest, older] }, ten)), [0, 3, 5]);
});

Deno.test("a current set that is too large shrinks at once", () => {
  deepEqual(sizes(roll({ current: current(12), old: [] }, ten)), [10]);
});

Deno.test("what a set is resized for is noted on it", () => {
  const { metadata } = roll({ current: current(0), old: [] }, ten).current!;
  deepEqual(metadata!.annotations, {
    "deployment.kubernetes.io/desired-replicas": "10",
    "deployment.kubernetes.io/max-replicas": "13",
  });
});

const part = fc.oneof(fc.nat(6), fc.nat(100).map((percent) => `${percent}%`));
const anyRollout = fc.record({
  replicas: fc.integer({ min: 1, max: 12 }),
  maxSurge: part,
  maxUnavailable: part,
  chance: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 200, maxLength: 200 }),
});

/** Time passes: some of a set's pods come up, and those too many are gone. */
function settle(set: ReplicaSet, chance: number): ReplicaSet {
  const kept = Math.min(availableOf(set), sizeOf(set));
  const availableReplicas = kept + Math.ceil((sizeOf(set) - kept) * chance);
  return { ...set, status: { ...set.status!, replicas: sizeOf(set), availableReplicas } };
}

Deno.test("a rollout ends, never has too many pods, and never too few that are available", () => {
  fc.assert(
    fc.property(anyRollout, ({ replicas, maxSurge, maxUnavailable, chance }) => {
      const whole = deployment({
        spec: { replicas, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } } },
      });
      let sets: Sets = { current: current(0), old: [old(replicas)] };
      for (const luck of chance) {
        const next = roll(sets, whole);
        ok(sumOf(allOf(next), sizeOf) <= Math.max(mostPods(whole), sumOf(allOf(sets), sizeOf)));
        sets = { current: settle(next.current!, luck), old: next.old.map((one) => settle(one, 1)) };
        ok(sumOf(allOf(sets), availableOf) >= fewestAvailable(whole));
      }
      const done = { current: settle(sets.current!, 1), old: sets.old };
      deepEqual(sizes(rollOut(done)), [0, desiredOf(whole)]);

      function rollOut(from: Sets): Sets {
        const next = roll(from, whole);
        if (next === from || sizes(next).join() === sizes(from).join()) return next;
        return rollOut({ current: settle(next.current!, 1), old: next.old.map((one) => settle(one, 1)) });
      }
    }),
    { numRuns: 200 },
  );
});
