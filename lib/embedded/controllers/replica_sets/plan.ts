/**
 * How many pods a ReplicaSet lacks, or which it has too many.
 *
 * @module
 */
import type { ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { Pod, PodTemplateSpec } from "../../../../k8s/core_v1.ts";
import { kinds } from "../objects/kinds.ts";
import { controllerReference } from "../objects/owners.ts";
import { isActive } from "../objects/pods.ts";
import { inDeletionOrder } from "./rank.ts";

/** Pods that one look creates or deletes at most. */
const mostAtOnce = 500;

/** What brings a ReplicaSet to its size. */
export interface ReplicasPlan {
  /** How many pods to create. */
  readonly create: number;
  /** The pods to delete, in their order. */
  readonly remove: readonly Pod[];
}

/**
 * Plans a ReplicaSet's pods. One that is being deleted is left as it is.
 *
 * @param owned its pods; those that go already do not count
 * @param related the pods of all ReplicaSets of the same Deployment
 * @param now milliseconds since 1970
 */
export function planReplicas(
  { metadata, spec }: ReplicaSet,
  owned: readonly Pod[],
  related: readonly Pod[],
  now: number,
): ReplicasPlan {
  const active = owned.filter(isActive);
  const excess = active.length - (spec?.replicas ?? 1);
  if (metadata?.deletionTimestamp) return { create: 0, remove: [] };
  if (excess <= 0) return { create: Math.min(-excess, mostAtOnce), remove: [] };
  return { create: 0, remove: inDeletionOrder(active, related, now).slice(0, Math.min(excess, mostAtOnce)) };
}

/** A new pod of a ReplicaSet. */
export function podOf({ metadata, spec }: ReplicaSet): Pod {
  const { metadata: { labels, annotations, finalizers } = {}, spec: podSpec }: PodTemplateSpec =
    spec?.template ?? {};
  return {
    metadata: {
      generateName: `${metadata!.name}-`,
      labels,
      annotations,
      finalizers,
      ownerReferences: [controllerReference(kinds.replicaSet, metadata!)],
    },
    spec: podSpec,
  };
}
