/**
 * One step of a rolling update: the current ReplicaSet grows, or the old ones shrink.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { fewestAvailable, mostPods } from "./limits.ts";
import { resized } from "./resize.ts";
import { allOf, availableOf, desiredOf, replaced, type Sets, sizeOf, sumOf } from "./sets.ts";

/** The sets after a step; themselves where nothing can move now. There is a current set. */
export function roll(sets: Sets, deployment: Deployment): Sets {
  const grown = resized(sets.current!, currentSize(sets, deployment), deployment);
  return grown === sets.current ? shrinkOld(sets, deployment) : { ...sets, current: grown };
}

/** How large the current set may be: as large as the Deployment, while all pods together are not too many. */
export function currentSize(sets: Sets, deployment: Deployment): number {
  const desired = desiredOf(deployment);
  const size = sets.current ? sizeOf(sets.current) : 0;
  if (size >= desired) return desired;
  const room = mostPods(deployment) - sumOf(allOf(sets), sizeOf);
  return size + Math.max(0, Math.min(room, desired - size));
}

/** Old pods go as far as enough pods stay available; those that are not available anyway go first. */
function shrinkOld(sets: Sets, deployment: Deployment): Sets {
  const current = sets.current!;
  const least = fewestAvailable(deployment);
  // The current set's pods that are not available yet must not make room for old ones to go.
  const missing = sizeOf(current) - availableOf(current);
  const spare = sumOf(allOf(sets), sizeOf) - least - missing;
  if (spare <= 0) return sets;
  const cleaned = shrunk(sets.old, spare, (one) => sizeOf(one) - availableOf(one), deployment);
  const old = shrunk(cleaned, sumOf(allOf(sets), availableOf) - least, sizeOf, deployment);
  return replaced(sets, old);
}

/** Takes `count` pods away, from the oldest set on, of each set no more than `most` says. */
function shrunk(
  old: readonly ReplicaSet[],
  count: number,
  most: (one: ReplicaSet) => number,
  deployment: Deployment,
): ReplicaSet[] {
  let left = count;
  return old.map((one) => {
    const less = Math.max(0, Math.min(left, sizeOf(one), most(one)));
    left -= less;
    return resized(one, sizeOf(one) - less, deployment);
  });
}
