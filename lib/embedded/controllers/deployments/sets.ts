/**
 * A Deployment's ReplicaSets: the one of its present template, and those of earlier ones.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { sameTemplate } from "./template.ts";

/** The ReplicaSets of one Deployment. */
export interface Sets {
  /** Makes pods of the present template; unset until there is one. */
  readonly current?: ReplicaSet;
  /** The others, oldest first. */
  readonly old: readonly ReplicaSet[];
}

/** Tells the ReplicaSets apart. Of several with the present template the oldest is the current one. */
export function setsOf({ spec }: Deployment, replicaSets: readonly ReplicaSet[]): Sets {
  const sorted = [...replicaSets].sort(byAge);
  const current = sorted.find((one) => sameTemplate(one.spec?.template, spec?.template));
  return { current, old: sorted.filter((one) => one !== current) };
}

/** Both kinds of sets, the current one last. */
export function allOf({ current, old }: Sets): ReplicaSet[] {
  return current ? [...old, current] : [...old];
}

/** Those that have, or are to have, pods. */
export function activeOf(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.filter((one) => sizeOf(one) > 0);
}

/** How many pods a Deployment is to have. */
export function desiredOf({ spec }: Deployment): number {
  return spec?.replicas ?? 1;
}

/** How many pods a ReplicaSet is to have. */
export function sizeOf({ spec }: ReplicaSet): number {
  return spec?.replicas ?? 1;
}

/** How many of a ReplicaSet's pods are available. */
export function availableOf({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

/** A number of each ReplicaSet, summed. */
export function sumOf(sets: readonly ReplicaSet[], number: (one: ReplicaSet) => number): number {
  return sets.reduce((sum, one) => sum + number(one), 0);
}

/** Older first; by name where that is the same second. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const born = ({ metadata }: ReplicaSet) => Date.parse(metadata?.creationTimestamp ?? "") || 0;
  return born(a) - born(b) || ((a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1);
}

/** The sets with others of the same uid in place of some. */
export function replaced({ current, old }: Sets, changed: readonly ReplicaSet[]): Sets {
  const now = (one: ReplicaSet) => changed.find(({ metadata }) => metadata?.uid === one.metadata?.uid) ?? one;
  return { current: current && now(current), old: old.map(now) };
}
