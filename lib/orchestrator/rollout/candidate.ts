/**
 * What can become of a version: a candidate, known good, rejected, or given up without a verdict.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import type { ContentId } from "../../contract/ids.ts";
import { cleanText } from "../../contract/text.ts";
import { standingOf } from "./canary.ts";
import { lateWith, shareOf } from "./choose.ts";
import { putBack } from "./returning.ts";
import { type Candidate, maxBefore, maxRejected, type Rejection, type SourceState } from "./state.ts";
import { counted, shown, type SourceView } from "./view.ts";

/** Where what happened is said. */
export type Teller = Pick<SourceView, "now" | "room" | "say">;

/** What waits becomes the candidate; with nothing known to be good it goes to everybody. */
export function begun(state: SourceState, view: SourceView): SourceState {
  const { waiting: version, knownGood, ...rest } = state;
  const toAll = knownGood === undefined;
  const share = shareOf(view, toAll);
  if (!version || state.candidate || share === 0) return state;
  const candidate: Candidate = {
    version,
    since: view.now,
    tryingSince: view.now,
    toAll,
    share,
    before: [],
    applied: false,
    canaries: [],
    late: [],
  };
  const words = toAll
    ? `${shown(version)} goes to everybody: nothing is known to be good yet`
    : `${shown(version)} goes to ${counted(share, "canary pod")} of ${view.pods.length}`;
  view.say(toAll ? "first-version" : "candidate", words, { version });
  return { ...rest, ...(knownGood && { knownGood }), candidate };
}

/** The candidate becomes known good: from now on everybody is asked to have it. */
export function promoted(state: SourceState, words: string, teller: Teller): SourceState {
  const { candidate, knownGood, ...rest } = state;
  if (!candidate) return state;
  teller.say("promoted", `${shown(candidate.version)} is known good: ${words}`, {
    version: candidate.version,
  });
  return { ...rest, knownGood: candidate.version, ...(knownGood && { previous: knownGood }) };
}

/**
 * The candidate is given up without a verdict for a newer version, which takes its place at once; pods that are on it
 * are counted against the newer one's share.
 */
export function superseded(state: SourceState, words: string, view: SourceView): SourceState {
  const { candidate, ...rest } = state;
  if (!candidate) return state;
  const { version, before, applied, tryingSince } = candidate;
  view.say("superseded", `${shown(version)} is given up without a verdict: ${words}`, { version });
  const stuck = candidate.canaries.filter((canary) => standingOf(canary, candidate, view).is === "late");
  const next = begun(rest, view);
  if (!next.candidate) return next;
  return {
    ...next,
    candidate: {
      ...next.candidate,
      late: lateWith(candidate, stuck, view),
      before: [...before, version.version].slice(-maxBefore),
      ...(!applied && { tryingSince }),
    },
  };
}

/**
 * A content is never asked for again. Who has it as a canary is put back; if it was known good, what was known good
 * before is so again.
 */
export function rejected(
  state: SourceState,
  version: Pick<DataVersion, "version" | "path">,
  by: Rejection["by"],
  words: string,
  teller: Teller,
): SourceState {
  const { version: content, path } = version;
  const rejection = { version: content, path, at: teller.now, by, words: cleanText(words, 300) };
  teller.say("rejected", `${shown(version)} is never asked for again: ${words}`);
  const others = state.rejected.filter((one) => one.version !== content);
  const kept = { ...state, rejected: [...others, rejection].slice(-maxRejected) };
  return withoutKnownGood(withoutCandidate(kept, content, teller), content);
}

function withoutCandidate(state: SourceState, content: ContentId, teller: Teller): SourceState {
  const { candidate, waiting, ...rest } = state;
  const waits = waiting?.version === content ? undefined : waiting;
  const without = { ...rest, ...(waits && { waiting: waits }) };
  if (candidate?.version.version !== content) return { ...without, ...(candidate && { candidate }) };
  return state.knownGood ? putBack(without, candidate.canaries, content, teller) : without;
}

function withoutKnownGood(state: SourceState, content: ContentId): SourceState {
  const { knownGood, previous, ...rest } = state;
  const before = previous?.version === content ? undefined : previous;
  const good = knownGood?.version === content ? before : knownGood;
  return {
    ...rest,
    ...(good && { knownGood: good }),
    ...(before && before !== good && { previous: before }),
  };
}
