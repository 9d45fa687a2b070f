/**
 * A clock that was set back: what the state has of a later time counts from now on.
 *
 * @module
 */
import type { Instant } from "../../contract/time.ts";
import type { Canary, Candidate, Returning, SourceState } from "./state.ts";

/** The state with no time of a running deadline after `now`; the same object where there is none. */
export function notAfter(state: SourceState, now: Instant): SourceState {
  const { candidate, returning, unseenSince } = state;
  const late = (at: Instant | undefined) => at !== undefined && at > now;
  const canaryLate = ({ requestedAt, appliedAt, clearAt }: Canary) =>
    [requestedAt, appliedAt, clearAt].some(late);
  const isLate = late(unseenSince) || returning.some(({ since, doneAt }) => late(since) || late(doneAt)) ||
    (candidate !== undefined &&
      (late(candidate.since) || late(candidate.tryingSince) || candidate.late.some(({ at }) => late(at)) ||
        candidate.canaries.some(canaryLate)));
  if (!isLate) return state;
  return {
    ...state,
    ...(candidate && { candidate: candidateBy(candidate, now) }),
    returning: returning.map((one) => returningBy(one, now)),
    ...(unseenSince !== undefined && { unseenSince: Math.min(unseenSince, now) }),
  };
}

function candidateBy(candidate: Candidate, now: Instant): Candidate {
  return {
    ...candidate,
    since: Math.min(candidate.since, now),
    tryingSince: Math.min(candidate.tryingSince, now),
    canaries: candidate.canaries.map((one) => ({
      ...one,
      requestedAt: Math.min(one.requestedAt, now),
      ...(one.appliedAt !== undefined && { appliedAt: Math.min(one.appliedAt, now) }),
      ...(one.clearAt !== undefined && { clearAt: Math.min(one.clearAt, now) }),
    })),
    late: candidate.late.map(({ uid, at }) => ({ uid, at: Math.min(at, now) })),
  };
}

function returningBy({ doneAt, since, ...one }: Returning, now: Instant): Returning {
  return {
    ...one,
    since: Math.min(since, now),
    ...(doneAt !== undefined && { doneAt: Math.min(doneAt, now) }),
  };
}
