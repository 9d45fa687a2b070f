/**
 * The limits that follow from the settings.
 *
 * @module
 */
import type { Limits } from "./model.ts";

/** The settings that decide about evictions. */
export interface LimitSettings
  extends Pick<Limits, "failuresBeforeEviction" | "stormPercent" | "stormMinPods"> {
  /** From one scan to the next, milliseconds. */
  readonly scanInterval: number;
}

/** How long a replacement may take to become ready: Kubernetes' default progressDeadlineSeconds, milliseconds. */
const replacementDeadline = 600_000;

/** The longest wait after evictions that did not help, milliseconds. */
const maxWait = 3_600_000;

/**
 * A replacement has stayed clear after as many scans as an eviction takes, and the wait that each fruitless
 * eviction doubles is the time of these scans.
 */
export function limitsOf(settings: LimitSettings, own: Limits["own"]): Limits {
  const { failuresBeforeEviction, stormPercent, stormMinPods, scanInterval } = settings;
  const scans = failuresBeforeEviction + 1;
  return {
    failuresBeforeEviction,
    stormPercent,
    stormMinPods,
    own,
    pace: { replacementDeadline, clearScans: scans, wait: scans * scanInterval, maxWait },
  };
}
