/**
 * What a Deployment's status says of its ReplicaSets.
 *
 * @module
 */
import type { Deployment, DeploymentStatus, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { withoutZeros } from "../objects/status.ts";
import { type Conditions, type Saying, withCondition, without } from "./conditions.ts";
import { fewestAvailable } from "./limits.ts";
import { allOf, availableOf, type Sets, sizeOf, sumOf } from "./sets.ts";

/**
 * The status, with the condition Available among others.
 *
 * @param conditions those so far
 * @param now milliseconds since 1970
 */
export function statusOf(
  deployment: Deployment,
  sets: Sets,
  conditions: Conditions,
  now: number,
): DeploymentStatus {
  const all = allOf(sets);
  const available = sumOf(all, availableOf);
  return withoutZeros({
    observedGeneration: deployment.metadata?.generation,
    replicas: sumOf(all, podsOf),
    updatedReplicas: sets.current ? podsOf(sets.current) : 0,
    readyReplicas: sumOf(all, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumOf(all, sizeOf) - available),
    terminatingReplicas: terminating(all),
    collisionCount: deployment.status?.collisionCount,
    conditions: [...withCondition(conditions, availability(deployment, available), now)],
  }, ["terminatingReplicas", "collisionCount"]);
}

/**
 * The conditions with a ReplicaSet's failure to make or delete pods, if one has it; the current set's first.
 */
export function withFailure(conditions: Conditions, { current, old }: Sets): Conditions {
  const failures = [...(current ? [current] : []), ...old]
    .flatMap(({ status }) => status?.conditions ?? [])
    .filter(({ type }) => type === "ReplicaFailure");
  const [first] = failures;
  if (!first) return without(conditions, "ReplicaFailure");
  const held = conditions.find(({ type }) => type === "ReplicaFailure");
  if (held && held.status === first.status && held.reason === first.reason) return conditions;
  return [...without(conditions, "ReplicaFailure"), { ...first, lastUpdateTime: first.lastTransitionTime }];
}

function podsOf({ status }: ReplicaSet): number {
  return status?.replicas ?? 0;
}

/** Pods on their way out; unknown while a ReplicaSet that was looked at does not say. */
function terminating(all: readonly ReplicaSet[]): number | undefined {
  const silent = all.some(({ status }) =>
    status?.observedGeneration && status.terminatingReplicas === undefined
  );
  return silent ? undefined : sumOf(all, ({ status }) => status?.terminatingReplicas ?? 0);
}

function availability(deployment: Deployment, available: number): Saying {
  if (available >= fewestAvailable(deployment)) {
    const message = "Deployment has minimum availability.";
    return { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message };
  }
  const message = "Deployment does not have minimum availability.";
  return { type: "Available", status: "False", reason: "MinimumReplicasUnavailable", message };
}
