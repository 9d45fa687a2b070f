/**
 * When a rollout is to be looked at again although nothing happens: a probation or a deadline ends.
 *
 * @module
 */
import type { Instant } from "../../contract/time.ts";
import type { RolloutLimits } from "./model.ts";
import type { RolloutState, SourceState } from "./state.ts";

/** The longest wait while something is under way, and while nothing is, milliseconds. */
const busyMs = 5_000;
const idleMs = 60_000;

/** Milliseconds after which the state may mean something else. */
export function dueIn(state: RolloutState, limits: RolloutLimits, now: Instant): number {
  let wait = idleMs;
  for (const source of state.sources.values()) {
    const begun = beginnings(source);
    if (begun.length > 0) wait = Math.min(wait, busyMs);
    for (const at of begun) {
      for (const lasts of [limits.probation, limits.applyDeadline]) {
        const left = at + lasts - now;
        if (left > 0) wait = Math.min(wait, left);
      }
    }
  }
  return wait;
}

/** When the times began that are under way. */
function beginnings({ candidate, returning }: SourceState): Instant[] {
  const put = returning.flatMap(({ since, doneAt }) => doneAt === undefined ? [since] : []);
  if (!candidate) return put;
  const canaries = candidate.canaries.flatMap(({ requestedAt, appliedAt, clearAt }) =>
    [requestedAt, appliedAt, clearAt].filter((at) => at !== undefined)
  );
  return [...put, candidate.since, candidate.tryingSince, ...canaries];
}
