/**
 * What becomes of the ReplicaSets when a Deployment is scaled, or while it is paused.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { isRolling, mostPods } from "./limits.ts";
import { notedNumber, renoted, resized, sizeKeys } from "./resize.ts";
import {
  activeOf,
  allOf,
  availableOf,
  byAge,
  desiredOf,
  replaced,
  type Sets,
  sizeOf,
  sumOf,
} from "./sets.ts";

/** Whether the Deployment's size was changed since its ReplicaSets got theirs. */
export function isScaled(sets: Sets, deployment: Deployment): boolean {
  return activeOf(allOf(sets)).some((one) => {
    const noted = notedNumber(one, sizeKeys.desired);
    return noted !== undefined && noted !== desiredOf(deployment);
  });
}

/**
 * Scales without rolling on: one set alone takes it all; several share it by their sizes, so that a rollout
 * that turns out badly is no larger than it was.
 */
export function scale(sets: Sets, deployment: Deployment): Sets {
  const active = activeOf(allOf(sets));
  if (active.length <= 1) {
    const only = active[0] ?? sets.current ?? sets.old.at(-1);
    return only ? replaced(sets, [resized(only, desiredOf(deployment), deployment)]) : sets;
  }
  if (isSaturated(sets.current, deployment)) {
    return { ...sets, old: sets.old.map((one) => resized(one, 0, deployment)) };
  }
  return isRolling(deployment) ? replaced(sets, shared(active, deployment)) : sets;
}

/** Whether the current set has all the pods that the Deployment is to have, and all are available. */
function isSaturated(current: ReplicaSet | undefined, deployment: Deployment): boolean {
  const desired = desiredOf(deployment);
  return current !== undefined && sizeOf(current) === desired && availableOf(current) === desired &&
    notedNumber(current, sizeKeys.desired) === desired;
}

/** The largest set first; what rounding leaves over is its. */
function shared(active: readonly ReplicaSet[], deployment: Deployment): ReplicaSet[] {
  const allowed = desiredOf(deployment) > 0 ? mostPods(deployment) : 0;
  const change = allowed - sumOf(active, sizeOf);
  // Of two as large the newer grows and the older shrinks.
  const age = change > 0 ? -1 : 1;
  const sorted = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || age * byAge(a, b));
  let left = change;
  const parts = sorted.map((one) => {
    const part = partOf(one, change, left, deployment);
    left -= part;
    return part;
  });
  return sorted.map((one, index) => {
    const size = sizeOf(one) + parts[index]! + (index === 0 ? left : 0);
    return renoted(one, Math.max(0, size), deployment);
  });
}

/** A set's part of the change, never more than is left of it. */
function partOf(one: ReplicaSet, change: number, left: number, deployment: Deployment): number {
  if (left === 0) return 0;
  const part = fractionOf(one, deployment);
  return change > 0 ? Math.min(part, left) : Math.max(part, left);
}

/** By how much the set would change if it kept its share of the most pods that there may be. */
function fractionOf(one: ReplicaSet, deployment: Deployment): number {
  if (desiredOf(deployment) === 0) return -sizeOf(one);
  const before = notedNumber(one, sizeKeys.most) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round(sizeOf(one) * mostPods(deployment) / before) - sizeOf(one);
}
