/**
 * How far a rolling update may go beyond a Deployment's size, in both directions.
 *
 * @module
 */
import type { Deployment } from "../../../../k8s/apps_v1.ts";
import { portionOf } from "../objects/portion.ts";
import { desiredOf } from "./sets.ts";

/** Numbers of pods. */
export interface RolloutLimits {
  /** More than the Deployment's size. */
  readonly surge: number;
  /** Fewer that are available than the Deployment's size. */
  readonly unavailable: number;
}

/** Whether pods are replaced a few at a time, rather than all at once. */
export function isRolling({ spec }: Deployment): boolean {
  return (spec?.strategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

/**
 * A Deployment's limits. Surge is rounded up and unavailability down; where both come to 0, one pod may be
 * unavailable, as nothing could move otherwise.
 */
export function limitsOf(deployment: Deployment): RolloutLimits {
  if (!isRolling(deployment)) return { surge: 0, unavailable: 0 };
  const desired = desiredOf(deployment);
  const { maxSurge = 0, maxUnavailable = 0 } = deployment.spec?.strategy?.rollingUpdate ?? {};
  const surge = portionOf(maxSurge, desired, "up");
  const unavailable = portionOf(maxUnavailable, desired, "down");
  const least = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { surge, unavailable: Math.min(least, desired) };
}

/** The most pods that a Deployment may have at a time. */
export function mostPods(deployment: Deployment): number {
  return desiredOf(deployment) + limitsOf(deployment).surge;
}

/** The fewest available pods that a Deployment is to have at any time. */
export function fewestAvailable(deployment: Deployment): number {
  return desiredOf(deployment) - limitsOf(deployment).unavailable;
}
