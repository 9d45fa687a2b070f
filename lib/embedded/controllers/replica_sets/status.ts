/**
 * What a ReplicaSet's status says of its pods.
 *
 * @module
 */
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from "../../../../k8s/apps_v1.ts";
import type { Pod } from "../../../../k8s/core_v1.ts";
import { matches } from "../../../kube/label_selector.ts";
import { timestamp } from "../../api/objects.ts";
import { availableIn, isActive, isReady, isTerminating } from "../objects/pods.ts";
import { withoutZeros } from "../objects/status.ts";

/** Why pods could not be created or deleted. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/** A status, and when it changes though no pod does. */
export interface ReplicaSetReport {
  readonly status: ReplicaSetStatus;
  /** Milliseconds until the next pod has been ready for long enough. */
  readonly again?: number;
}

/**
 * Reports a ReplicaSet by the pods that it was found with.
 *
 * @param now milliseconds since 1970
 */
export function reportOf(
  replicaSet: ReplicaSet,
  owned: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetReport {
  const active = owned.filter(isActive);
  const ready = active.filter(isReady);
  const waits = ready.map((pod) => availableIn(pod, replicaSet.spec?.minReadySeconds ?? 0, now));
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => isFullyLabeled(pod, replicaSet)).length,
    readyReplicas: ready.length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    terminatingReplicas: owned.filter(isTerminating).length,
    observedGeneration: replicaSet.metadata?.generation,
    conditions: conditionsOf(replicaSet, failure, now),
  };
  const left = waits.filter((wait) => wait !== undefined && wait > 0) as number[];
  return {
    status: withoutZeros(status, ["replicas", "terminatingReplicas"]),
    ...(left.length > 0 && { again: Math.min(...left) }),
  };
}

function isFullyLabeled({ metadata }: Pod, { spec }: ReplicaSet): boolean {
  return matches({ matchLabels: spec?.template?.metadata?.labels }, metadata?.labels ?? {});
}

/** One that says the failure already stays as it is. */
function conditionsOf(
  { status }: ReplicaSet,
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetCondition[] {
  const held = status?.conditions ?? [];
  const others = held.filter(({ type }) => type !== "ReplicaFailure");
  if (!failure) return others;
  if (others.length < held.length) return held;
  return [...others, {
    type: "ReplicaFailure",
    status: "True",
    lastTransitionTime: timestamp(now),
    ...failure,
  }];
}
