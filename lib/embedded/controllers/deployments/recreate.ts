/**
 * One step of a rollout that ends all old pods before it makes new ones.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { Pod } from "../../../../k8s/core_v1.ts";
import { controllerOf } from "../objects/owners.ts";
import { isFinished } from "../objects/pods.ts";
import { resized } from "./resize.ts";
import { activeOf, desiredOf, type Sets } from "./sets.ts";

/**
 * The sets after a step; themselves while old pods are still there.
 *
 * @param create makes the current set where there is none
 */
export function recreate(
  sets: Sets,
  deployment: Deployment,
  pods: readonly Pod[],
  create: () => ReplicaSet,
): Sets {
  if (activeOf(sets.old).length > 0) {
    return { ...sets, old: sets.old.map((one) => resized(one, 0, deployment)) };
  }
  if (oldPodsLeft(sets, pods)) return sets;
  return { ...sets, current: resized(sets.current ?? create(), desiredOf(deployment), deployment) };
}

/** Also those on their way out count: they may still write to what the new ones will use. */
function oldPodsLeft({ old }: Sets, pods: readonly Pod[]): boolean {
  const uids = new Set(old.map(({ metadata }) => metadata?.uid));
  return old.some(({ status }) => (status?.replicas ?? 0) > 0) ||
    pods.some((pod) => !isFinished(pod) && uids.has(controllerOf(pod)?.uid));
}
