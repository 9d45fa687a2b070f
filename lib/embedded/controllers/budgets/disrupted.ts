/**
 * Pods whose eviction was granted, and which are not yet seen to go (`status.disruptedPods`).
 *
 * @module
 */
import type { Pod } from "../../../../k8s/core_v1.ts";

/** How long a pod may take to be seen to go, milliseconds; after that it is taken for one that stays. */
export const deletionTimeout = 120_000;

/** When each pod's eviction was granted, by the pod's name. */
export type DisruptedPods = Readonly<Record<string, string>>;

/** What becomes of the list. */
export interface Disruptions {
  /** Those that are still to be seen to go. */
  readonly waiting: DisruptedPods;
  /** Pods that did not go in time. */
  readonly stayed: readonly Pod[];
  /** Milliseconds until the next one's time is over. */
  readonly again?: number;
}

/**
 * Looks through the list. A pod that goes, or is gone, is no longer on it.
 *
 * @param pods those that the budget selects
 * @param now milliseconds since 1970
 */
export function disruptionsOf(
  listed: DisruptedPods = {},
  pods: readonly Pod[],
  now: number,
): Disruptions {
  const waiting: Record<string, string> = {};
  const stayed: Pod[] = [];
  let again: number | undefined;
  for (const pod of pods) {
    const { name = "", deletionTimestamp } = pod.metadata ?? {};
    if (deletionTimestamp || !Object.hasOwn(listed, name)) continue;
    const left = Date.parse(listed[name]!) + deletionTimeout - now;
    if (left < 0) {
      stayed.push(pod);
      continue;
    }
    waiting[name] = listed[name]!;
    again = Math.min(again ?? Infinity, left);
  }
  // The list says the time in whole seconds; a millisecond later it is over for sure.
  return { waiting, stayed, ...(again !== undefined && { again: again + 1 }) };
}

/** Whether a pod still counts as one that will go. */
export function willGo(waiting: DisruptedPods, { metadata }: Pod, now: number): boolean {
  const name = metadata?.name ?? "";
  return Object.hasOwn(waiting, name) && Date.parse(waiting[name]!) + deletionTimeout > now;
}
