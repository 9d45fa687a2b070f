/**
 * Pods that are put back from a version: what was wrong with them may be the version's fault, so they are not evicted
 * for it meanwhile, and what their watchdogs said before counts no longer.
 *
 * @module
 */
import type { ContentId, PodUid } from "../../contract/ids.ts";
import type { Instant } from "../../contract/time.ts";
import { hasLive, isPresent } from "./model.ts";
import type { Canary, Returning, RolloutState, SourceState } from "./state.ts";
import type { SourceView } from "./view.ts";

/** How long a return is remembered after it, milliseconds: the evictor looks more often. */
const remembered = 3_600_000;

/** What the evictor asks about a pod. */
export interface PutBack {
  readonly source: string;
  /** The pod is being put back: it is not evicted now. */
  readonly holds: boolean;
  /** Strikes from before do not count. */
  readonly strikesFrom: Instant;
  readonly words: string;
}

/**
 * Whether a pod is being put back, or was lately: while `holds` it is not evicted, and its strikes count from
 * `strikesFrom` on. `undefined` where data has nothing to do with it.
 */
export function putBackOf(state: RolloutState, uid: PodUid): PutBack | undefined {
  let found: PutBack | undefined;
  for (const [source, { returning }] of state.sources) {
    const one = returning.findLast((other) => other.uid === uid);
    if (!one || (found?.holds && one.doneAt !== undefined)) continue;
    const holds = one.doneAt === undefined;
    const strikesFrom = Math.max(one.doneAt ?? one.since, found?.strikesFrom ?? 0);
    found = { source, holds, strikesFrom, words: wordsFor(source, holds) };
  }
  return found;
}

function wordsFor(source: string, holds: boolean): string {
  return holds
    ? `its data ${source} is being put back to the last known good version`
    : `its data ${source} was put back to the last known good version`;
}

/**
 * Notes that canaries are put back from a content, as many as there is room for; returns that are over make room. The
 * others are put back as well, and may be evicted meanwhile. Who is noted stays so: else each look would note anew
 * whom the last one had left out.
 */
export function putBack(
  state: SourceState,
  canaries: readonly Canary[],
  from: ContentId,
  { now, room }: Pick<SourceView, "now" | "room">,
): SourceState {
  const known = new Set(state.returning.filter((one) => one.from === from).map(({ uid }) => uid));
  const added = canaries.filter(({ uid, appliedAt, failure }) =>
    !known.has(uid) && (appliedAt !== undefined || failure !== undefined)
  );
  const under = state.returning.filter(({ doneAt }) => doneAt === undefined);
  const noted = added.slice(0, Math.max(0, room.returning - under.length));
  if (noted.length === 0) return state;
  const kept = room.returning - under.length - noted.length;
  const over = state.returning.filter(({ doneAt }) => doneAt !== undefined);
  const returning = [
    ...over.slice(Math.max(0, over.length - kept)),
    ...under,
    ...noted.map(({ uid }) => ({ uid, from, since: now })),
  ];
  return { ...state, returning };
}

/** The state without returns that are long over; the same object where nothing is new. */
export function returned(state: SourceState, view: SourceView): SourceState {
  const returning = state.returning.map((one) => isOver(one, view) ? { ...one, doneAt: view.now } : one)
    .filter(({ uid, doneAt }) =>
      doneAt === undefined || (view.podByUid.has(uid) && view.now - doneAt < remembered)
    );
  const same = returning.length === state.returning.length &&
    returning.every((one, index) => one === state.returning[index]);
  return same ? state : { ...state, returning };
}

/** A pod that cannot be put back in time is nobody's hostage: it may be evicted then. */
function isOver({ uid, from, since, doneAt }: Returning, view: SourceView): boolean {
  if (doneAt !== undefined) return false;
  const pod = view.podByUid.get(uid);
  return !pod || !isPresent(pod) || pod.paused || view.model.paused || !hasLive(pod, view.source, from) ||
    view.now - since >= view.limits.applyDeadline;
}
