/**
 * What a pod's status means to its controllers.
 *
 * @module
 */
import type { Pod, PodCondition } from "../../../../k8s/core_v1.ts";

/** A pod's condition of this type. */
export function conditionOf(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** Whether the pod serves. */
export function isReady(pod: Pod): boolean {
  return conditionOf(pod, "Ready")?.status === "True";
}

/** Whether all of its containers have ended for good. */
export function isFinished({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Whether it runs, or will, and is to stay. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !pod.metadata?.deletionTimestamp;
}

/** Whether it is on its way out and not there yet. */
export function isTerminating(pod: Pod): boolean {
  return !isFinished(pod) && !!pod.metadata?.deletionTimestamp;
}

/** Since when a pod that is ready has been so, milliseconds since 1970. */
export function readySince(pod: Pod): number | undefined {
  const { status, lastTransitionTime } = conditionOf(pod, "Ready") ?? {};
  return status === "True" && lastTransitionTime ? Date.parse(lastTransitionTime) : undefined;
}

/**
 * How long until a pod has been ready for `minReadySeconds`, milliseconds: 0 where it has been. `undefined`
 * for one that is not ready, or does not say since when.
 */
export function availableIn(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds <= 0) return 0;
  const since = readySince(pod);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}
