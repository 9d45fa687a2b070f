/**
 * Giving a ReplicaSet another size, and noting on it what its Deployment's size was then.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { mostPods } from "./limits.ts";
import { desiredOf, sizeOf } from "./sets.ts";

/**
 * Annotations of ReplicaSets: the Deployment's size, and the most pods that it might have, when last resized.
 */
export const sizeKeys = {
  desired: "deployment.kubernetes.io/desired-replicas",
  most: "deployment.kubernetes.io/max-replicas",
} as const;

/** What is noted on a ReplicaSet that gets a size now. */
export function sizeNotes(deployment: Deployment): Record<string, string> {
  return {
    [sizeKeys.desired]: String(desiredOf(deployment)),
    [sizeKeys.most]: String(mostPods(deployment)),
  };
}

/** The ReplicaSet with another size; itself where it has that size already. */
export function resized(replicaSet: ReplicaSet, size: number, deployment: Deployment): ReplicaSet {
  return sizeOf(replicaSet) === size ? replicaSet : renoted(replicaSet, size, deployment);
}

/** As {@link resized}, but what is noted is made true also where the size stays. */
export function renoted(replicaSet: ReplicaSet, size: number, deployment: Deployment): ReplicaSet {
  const held = replicaSet.metadata?.annotations ?? {};
  const notes = sizeNotes(deployment);
  const noted = Object.entries(notes).every(([key, value]) => held[key] === value);
  if (noted && sizeOf(replicaSet) === size) return replicaSet;
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations: { ...held, ...notes } },
    spec: { ...replicaSet.spec!, replicas: size },
  };
}

/** A number noted on a ReplicaSet; `undefined` where it is missing or unreadable. */
export function notedNumber({ metadata }: ReplicaSet, key: string): number | undefined {
  const text = metadata?.annotations?.[key] ?? "";
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Infinity;
  return number < 2 ** 31 ? number : undefined;
}
