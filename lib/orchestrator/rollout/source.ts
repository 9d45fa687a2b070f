/**
 * One source's decision, step by step.
 *
 * @module
 */
import { begun, promoted, rejected, superseded } from "./candidate.ts";
import { observed } from "./canary.ts";
import { filled, rotated } from "./choose.ts";
import { commonFaults } from "./faults.ts";
import { hasLive } from "./model.ts";
import { refreshed } from "./newest.ts";
import { notAfter } from "./not_after.ts";
import { putBack, returned } from "./returning.ts";
import type { Candidate, HoldRule, SourceState } from "./state.ts";
import { judge } from "./verdict.ts";
import type { SourceView } from "./view.ts";

/** One step may make the next one possible: so many of them at most, and the rest at the next look. */
const maxRounds = 8;

/** The source's state after everything that this moment allows; the same object where nothing is new. */
export function stepped(before: SourceState, view: SourceView): SourceState {
  let state = notAfter(before, view.now);
  for (let round = 0; round < maxRounds; round++) {
    const next = once(state, view);
    if (next === state) break;
    state = next;
  }
  return state;
}

function once(state: SourceState, view: SourceView): SourceState {
  const seen = saw(returned(sawPods(refreshed(state, view), view), view), view);
  // Somebody's hand is on it: what is seen is recorded, and nothing follows from it.
  if (view.model.paused || seen.pausedAt !== undefined || seen.pin) return seen;
  if (!seen.candidate) return begun(seen, view);
  const { candidate } = seen;
  const canaries = filled(seen, rotated(seen, candidate, view), view);
  const chosen = canaries === candidate ? seen : { ...seen, candidate: canaries };
  return followed(chosen, canaries, view);
}

/** Since when no pod has the source. */
function sawPods(state: SourceState, { pods, now }: SourceView): SourceState {
  if (pods.length === 0) return state.unseenSince === undefined ? { ...state, unseenSince: now } : state;
  if (state.unseenSince === undefined) return state;
  const { unseenSince: _, ...seen } = state;
  return seen;
}

/** What is seen of the canaries. Who failed is put back at once, whatever becomes of the version. */
function saw(state: SourceState, view: SourceView): SourceState {
  const { candidate } = state;
  if (!candidate) return state;
  const content = candidate.version.version;
  const common = commonFaults(state, candidate, view);
  const canaries = candidate.canaries.map((one) => observed(one, candidate, view, common))
    .filter((one) => one !== undefined);
  const applied = candidate.applied || view.pods.some((pod) => hasLive(pod, view.source, content));
  const next = withCanaries(candidate, canaries, applied);
  const seen = next === candidate ? state : { ...state, candidate: next };
  if (!seen.knownGood || seen.pin) return seen;
  const back = canaries.filter(({ uid, failure }) => {
    const pod = view.podByUid.get(uid);
    return failure && pod && hasLive(pod, view.source, content);
  });
  return putBack(seen, back, content, view);
}

function withCanaries(candidate: Candidate, canaries: Candidate["canaries"], applied: boolean): Candidate {
  const same = canaries.length === candidate.canaries.length &&
    canaries.every((one, index) => one === candidate.canaries[index]);
  if (same && applied === candidate.applied) return candidate;
  return { ...candidate, canaries, applied };
}

function followed(state: SourceState, candidate: Candidate, view: SourceView): SourceState {
  const judgement = judge(state, candidate, view);
  switch (judgement.is) {
    case "reject":
      return rejected(state, candidate.version, "verdict", judgement.words, view);
    case "promote":
      return promoted(state, judgement.words, view);
    case "supersede":
      return superseded(state, judgement.words, view);
    case "hold":
      return held(state, candidate, judgement.rule, judgement.words, view);
    case "wait":
      return released(state, candidate);
  }
}

function held(
  state: SourceState,
  candidate: Candidate,
  rule: HoldRule,
  words: string,
  view: SourceView,
): SourceState {
  if (candidate.held === rule) return state;
  view.say("held", `${rule}: ${words}`, { version: candidate.version });
  return { ...state, candidate: { ...candidate, held: rule } };
}

function released(state: SourceState, candidate: Candidate): SourceState {
  if (candidate.held === undefined) return state;
  const { held: _, ...free } = candidate;
  return { ...state, candidate: free };
}
