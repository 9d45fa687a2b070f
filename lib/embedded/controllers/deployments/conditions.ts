/**
 * The conditions of a Deployment's status.
 *
 * @module
 */
import type { Deployment, DeploymentCondition, DeploymentStatus } from "../../../../k8s/apps_v1.ts";
import { timestamp } from "../../api/objects.ts";
import { unlimited } from "./history.ts";

/** The types that controllers write. */
export type ConditionType = "Available" | "Progressing" | "ReplicaFailure";

/** What a condition says, its times left out. */
export type Saying =
  & Required<Pick<DeploymentCondition, "status" | "reason" | "message">>
  & { readonly type: ConditionType };

/** A list of conditions. */
export type Conditions = readonly DeploymentCondition[];

/** The condition of a type. */
export function conditionIn(
  conditions: Conditions = [],
  type: ConditionType,
): DeploymentCondition | undefined {
  return conditions.find((one) => one.type === type);
}

/** The conditions without those of a type. */
export function without(conditions: Conditions, type: ConditionType): Conditions {
  return conditions.filter((one) => one.type !== type);
}

/**
 * The conditions with another. One of the same status and reason stays as it is, unless `anew` is set.
 *
 * @param now milliseconds since 1970
 */
export function withCondition(conditions: Conditions, saying: Saying, now: number, anew = false): Conditions {
  const held = conditionIn(conditions, saying.type);
  if (!anew && held?.status === saying.status && held.reason === saying.reason) return conditions;
  const lastUpdateTime = timestamp(now);
  const lastTransitionTime = held?.status === saying.status ? held.lastTransitionTime : lastUpdateTime;
  return [...without(conditions, saying.type), { ...saying, lastUpdateTime, lastTransitionTime }];
}

/** The time in which a rollout is to show progress, seconds; `undefined` where it may take for ever. */
export function deadlineOf({ spec }: Deployment): number | undefined {
  const { progressDeadlineSeconds } = spec!;
  return progressDeadlineSeconds === unlimited ? undefined : progressDeadlineSeconds;
}

/**
 * The conditions after a look at whether the Deployment is paused. Time that it was paused is none in which
 * it could have progressed; that it had run out of time before is not taken back.
 */
export function withPause(deployment: Deployment, now: number): Conditions {
  const conditions = deployment.status?.conditions ?? [];
  const reason = conditionIn(conditions, "Progressing")?.reason;
  if (deadlineOf(deployment) === undefined || reason === "ProgressDeadlineExceeded") return conditions;
  const paused = reason === "DeploymentPaused";
  if (!deployment.spec?.paused === !paused) return conditions;
  const saying = deployment.spec?.paused
    ? { reason: "DeploymentPaused", message: "Deployment is paused" }
    : { reason: "DeploymentResumed", message: "Deployment is resumed" };
  return withCondition(conditions, { type: "Progressing", status: "Unknown", ...saying }, now);
}

/** Whether all pods that are to be there are new and available, and no old one is left. */
export function isComplete({ metadata, spec }: Deployment, status: DeploymentStatus = {}): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const desired = spec?.replicas ?? 1;
  return [updatedReplicas, replicas, availableReplicas].every((count) => count === desired) &&
    observedGeneration >= (metadata?.generation ?? 0);
}
