/**
 * Which pods become canaries.
 *
 * @module
 */
import type { WorkloadUid } from "../../contract/ids.ts";
import { chosen, illDependentsOf, standingOf } from "./canary.ts";
import { type DataPod, hasLive, requestedOf } from "./model.ts";
import { newerThan } from "./newest.ts";
import type { Canary, Candidate, SourceState } from "./state.ts";
import { isUnwell, listed, shown, type SourceView } from "./view.ts";

/**
 * How many canaries a source may have now: the share of those of its pods that may be asked, rounded down, at least
 * one where there is a pod at all.
 */
export function shareOf({ pods, limits, room }: SourceView, toAll: boolean): number {
  const asked = pods.filter(({ paused }) => !paused).length;
  const share = toAll ? asked : Math.max(1, Math.floor((asked * limits.canaryPercent) / 100));
  return Math.min(share, asked, room.canaries);
}

/** How many canaries the candidate lacks. */
export function lacks(candidate: Candidate, view: SourceView): number {
  return Math.max(
    0,
    Math.min(candidate.share, shareOf(view, candidate.toAll)) - candidate.canaries.length,
  );
}

/** The pods that may become canaries, the best first. */
export function eligible(state: SourceState, candidate: Candidate, view: SourceView): DataPod[] {
  const taken = new Set(candidate.canaries.map(({ uid }) => uid));
  const back = new Set(state.returning.filter(({ doneAt }) => doneAt === undefined).map(({ uid }) => uid));
  const lateAt = new Map(candidate.late.map(({ uid, at }) => [uid, at]));
  return view.pods.filter((pod) => !pod.paused && !taken.has(pod.uid) && !back.has(pod.uid))
    .map((pod) => ({ pod, rank: rankOf(pod), lateAt: lateAt.get(pod.uid) ?? -Infinity }))
    .sort((a, b) => a.rank - b.rank || (a.lateAt - b.lateAt || 0))
    .map(({ pod }) => pod);

  function rankOf(pod: DataPod): number {
    if (isUnwell(pod, view)) return 3;
    if (!candidate.toAll && takesNothingNew(pod, candidate, view)) return 0;
    return illDependentsOf(pod, view).length > 0 ? 2 : 1;
  }
}

/** Fills the canaries up. */
export function filled(state: SourceState, candidate: Candidate, view: SourceView): Candidate {
  const lacking = lacks(candidate, view);
  const taken = lacking === 0 ? [] : taking(lacking, eligible(state, candidate, view), candidate, view);
  if (taken.length === 0) return candidate;
  view.say("canaries-chosen", `${listed(taken.map(({ name }) => name))} get ${shown(candidate.version)}`, {
    version: candidate.version,
  });
  sayUnwatched(taken, view);
  const canaries = [...candidate.canaries, ...taken.map((pod) => chosen(pod, candidate, view))];
  return { ...candidate, canaries };
}

/**
 * Whom to take. Pods that have, or were asked to have, an unjudged version without being canaries are counted: nobody
 * else gets it until they were put back. Ill pods are taken only where no other one is left.
 */
function taking(
  lacking: number,
  pods: readonly DataPod[],
  candidate: Candidate,
  view: SourceView,
): DataPod[] {
  const exposed = exposedTo(candidate, view);
  const having = pods.filter((pod) => exposed.has(pod) && takesNothingNew(pod, candidate, view));
  const free = pods.filter((pod) => !exposed.has(pod));
  const well = free.filter((pod) => !isUnwell(pod, view));
  const ill = free.filter((pod) => isUnwell(pod, view));
  const taken = having.filter((pod) => !isUnwell(pod, view)).slice(0, lacking);
  let room = Math.max(0, lacking - Math.max(taken.length, exposed.size));
  const fresh = spread(well, room, candidate, view);
  taken.push(...fresh);
  if (fresh.length < well.length) return taken;
  room -= fresh.length;
  taken.push(...having.filter((pod) => isUnwell(pod, view)).slice(0, lacking - taken.length));
  taken.push(...spread(ill, Math.min(room, lacking - taken.length), candidate, view));
  return taken;
}

function sayUnwatched(pods: readonly DataPod[], view: SourceView): void {
  const names = pods.filter(({ watched }) => !watched).map(({ name }) => name);
  if (names.length === 0) return;
  view.say("no-watchdogs", `${listed(names)}: no watchdog, so judged by readiness and restarts alone`);
}

/** The pods beside the canaries that have, or were asked to have, a version without a verdict. */
function exposedTo(candidate: Candidate, view: SourceView): ReadonlySet<DataPod> {
  if (candidate.toAll) return new Set();
  // Who cannot be put back in time does not hold the others up for ever.
  const givenUp = candidate.late.filter(({ at }) => view.now - at >= view.limits.applyDeadline);
  const others = new Set([...candidate.canaries, ...givenUp].map(({ uid }) => uid));
  return new Set(
    view.pods.filter((pod) => !pod.paused && !others.has(pod.uid) && isExposed(pod, candidate, view)),
  );
}

/** Whether a pod has, or was asked to have, a version without a verdict. */
function isExposed(pod: DataPod, candidate: Candidate, { source, now, limits }: SourceView): boolean {
  // Who cannot go back from an earlier candidate may not hold this one up for ever.
  const before = now - candidate.since < limits.applyDeadline ? candidate.before : [];
  const asked = requestedOf(pod, source);
  return [candidate.version.version, ...before].some((one) =>
    asked.includes(one) || hasLive(pod, source, one)
  );
}

/** Whether a pod as a canary brings an unjudged version to nobody who has none: it has one, and was not late. */
function takesNothingNew(pod: DataPod, candidate: Candidate, view: SourceView): boolean {
  if (hasLive(pod, view.source, candidate.version.version)) return true;
  return isExposed(pod, candidate, view) && !candidate.late.some(({ uid }) => uid === pod.uid);
}

/** The best `count` pods over as many workloads as they allow: each goes to the workload with the fewest canaries. */
function spread(pods: readonly DataPod[], count: number, candidate: Candidate, view: SourceView): DataPod[] {
  const load = new Map<WorkloadUid | undefined, number>();
  const add = (workload: WorkloadUid | undefined) => load.set(workload, (load.get(workload) ?? 0) + 1);
  for (const { uid } of candidate.canaries) add(view.podByUid.get(uid)?.workload?.uid);
  const queues = Map.groupBy(pods, ({ workload }) => workload?.uid);
  const taken: DataPod[] = [];
  while (taken.length < count && queues.size > 0) {
    const least = [...queues.keys()].reduce((a, b) => (load.get(b) ?? 0) < (load.get(a) ?? 0) ? b : a);
    const queue = queues.get(least)!;
    taken.push(queue.shift()!);
    add(least);
    if (queue.length === 0) queues.delete(least);
  }
  return taken;
}

/**
 * Gives up canaries that did not apply in time, or stay ill as they were, where another pod can take their place.
 * They are put back first: only then is another one asked.
 */
export function rotated(state: SourceState, candidate: Candidate, view: SourceView): Candidate {
  if (candidate.toAll) return candidate;
  const stuck = candidate.canaries.map((canary) => ({ canary, is: standingOf(canary, candidate, view).is }))
    .filter(({ is }) => is === "late" || is === "neither");
  // Where something newer waits nobody else is asked for the sake of this one alone.
  const newer = newerThan(candidate, state, view) !== undefined;
  if (stuck.length === 0 || (newer && stuck.length === candidate.canaries.length)) return candidate;
  const due = stuck.filter(({ is }) => !newer || is === "late").map(({ canary }) => canary);
  const others = eligible(state, candidate, view).filter((pod) => !isUnwell(pod, view));
  const given = due.slice(0, others.length);
  if (given.length === 0) return candidate;
  for (const canary of given) {
    const { words } = standingOf(canary, candidate, view);
    view.say("canary-replaced", `${canary.name} gives its turn to another pod: ${words}`, {
      pod: { uid: canary.uid, name: canary.name },
    });
  }
  return {
    ...candidate,
    canaries: candidate.canaries.filter((canary) => !given.includes(canary)),
    late: lateWith(candidate, given, view),
  };
}

/** The pods that were late with a candidate, these among them from now on: they are the last to be asked again. */
export function lateWith(
  { late }: Candidate,
  canaries: readonly Canary[],
  { now, room }: Pick<SourceView, "now" | "room">,
): Candidate["late"] {
  const uids = new Set(canaries.map(({ uid }) => uid));
  const others = late.filter(({ uid }) => !uids.has(uid));
  return [...others, ...[...uids].map((uid) => ({ uid, at: now }))].slice(-room.late);
}
