/**
 * What a candidate's canaries say of it. Pure, and data: people read the same words that decide.
 *
 * @module
 */
import { illDependentsOf, type Standing, standingOf } from "./canary.ts";
import { eligible, lacks } from "./choose.ts";
import { newerThan } from "./newest.ts";
import type { Canary, Candidate, HoldRule, SourceState } from "./state.ts";
import { counted, isUnwell, listed, shown, type SourceView } from "./view.ts";

/** What is to become of a candidate now. */
export type Judgement =
  | { readonly is: "promote" | "reject" | "supersede" | "wait"; readonly words: string }
  | { readonly is: "hold"; readonly rule: HoldRule; readonly words: string };

type Hold = Extract<Judgement, { readonly is: "hold" }>;

interface Stood extends Standing {
  readonly canary: Canary;
}

/** Judges a candidate. */
export function judge(state: SourceState, candidate: Candidate, view: SourceView): Judgement {
  const all = candidate.canaries.map((canary) => ({ canary, ...standingOf(canary, candidate, view) }));
  const failing = all.filter(({ is }) => is === "failing");
  if (isAbove(failing.length, all.length, view)) {
    return { is: "reject", words: failureWords(failing, all.length) };
  }
  const goesFirst = appliedNowhere(state, candidate, view);
  if (goesFirst) return goesFirst;
  const waits = waiting(state, candidate, all, view);
  return waits ?? settled(state, candidate, all, failing, view);
}

/** More than the limit: 1 of 4 is not more than 25 %. */
function isAbove(failing: number, of: number, { limits }: SourceView): boolean {
  return failing * 100 > limits.failingPercent * of;
}

/**
 * Nobody has it yet, so the newest goes first. A download that takes longer than pushes are apart would never end so:
 * once versions have followed each other for the apply deadline, each gets that time for itself.
 */
function appliedNowhere(state: SourceState, candidate: Candidate, view: SourceView): Judgement | undefined {
  const newest = newerThan(candidate, state, view);
  if (candidate.applied || !newest) return undefined;
  const { applyDeadline } = view.limits;
  const free = view.now - candidate.tryingSince < applyDeadline;
  if (!free && view.now - candidate.since < applyDeadline) return undefined;
  return { is: "supersede", words: `no pod has applied it yet, and ${shown(newest)} is newer` };
}

/** Whose verdict is missing. Who is late and has nobody to take its turn is waited for no longer. */
function waiting(
  state: SourceState,
  candidate: Candidate,
  all: readonly Stood[],
  view: SourceView,
): Judgement | undefined {
  const lacking = lackingNow(state, candidate, view);
  const open = all.filter(({ is }) => is === "asked" || is === "probation");
  if (open.length === 0) {
    if (lacking > 0) return { is: "wait", words: `${counted(lacking, "canary pod")} must be chosen first` };
    return all.length > 0 ? undefined : { is: "wait", words: "there is no pod that it could be tried on" };
  }
  const [first] = open;
  const of = `${open.length} of ${counted(all.length + lacking, "canary pod")}`;
  return { is: "wait", words: `waiting for ${of}: ${first!.canary.name}: ${first!.words}` };
}

/** How many canaries are to be chosen yet. An ill pod has no verdict to give, so nobody waits for it alone. */
function lackingNow(state: SourceState, candidate: Candidate, view: SourceView): number {
  const lacking = lacks(candidate, view);
  if (lacking === 0) return 0;
  const others = eligible(state, candidate, view);
  const well = candidate.canaries.length === 0 ? others : others.filter((pod) => !isUnwell(pod, view));
  return Math.min(lacking, well.length);
}

/** Every verdict that can be had is there. */
function settled(
  state: SourceState,
  candidate: Candidate,
  all: readonly Stood[],
  failing: readonly Stood[],
  view: SourceView,
): Judgement {
  const healthy = all.filter(({ is }) => is === "healthy");
  const judged = healthy.length + failing.length;
  if (isAbove(failing.length, judged, view)) return { is: "reject", words: failureWords(failing, judged) };
  const hold = healthy.length === 0 ? noVerdict(all) : dependentsFail(healthy, view);
  if (!hold) {
    const were = healthy.length === 1 ? "was" : "were";
    return { is: "promote", words: `${healthy.length} of ${counted(all.length, "canary pod")} ${were} well` };
  }
  // The end of its time has come: what is newer may do better.
  const newest = newerThan(candidate, state, view);
  return newest ? { is: "supersede", words: `${hold.words}, and ${shown(newest)} is newer` } : hold;
}

function noVerdict(all: readonly Stood[]): Hold {
  const [first] = all;
  const words = `no canary can tell: ${first?.canary.name}: ${first?.words}`;
  const rule = all.some(({ canary }) => canary.ill === "common")
    ? "common-cause" as const
    : all.some(({ is }) => is === "late")
    ? "apply-fault" as const
    : "no-verdict" as const;
  return { is: "hold", rule, words };
}

/** They hold the rollout and tell a person; they do not reject. */
function dependentsFail(healthy: readonly Stood[], view: SourceView): Hold | undefined {
  const names = healthy.filter(({ canary }) => !canary.dependentsIll).flatMap(({ canary }) => {
    const pod = view.podByUid.get(canary.uid);
    return pod ? illDependentsOf(pod, view).map(({ name }) => name) : [];
  });
  if (names.length === 0) return undefined;
  const words = `pods that depend on its canaries fail: ${listed([...new Set(names)].sort())}`;
  return { is: "hold", rule: "dependents", words };
}

function failureWords(failing: readonly Stood[], of: number): string {
  const first = failing[0]!;
  return `${failing.length} of ${counted(of, "canary pod")} failed: ${first.canary.name}: ${first.words}`;
}
