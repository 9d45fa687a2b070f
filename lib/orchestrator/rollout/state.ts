/**
 * What the data rollout of one namespace remembers. It is written into a ConfigMap after every change, so a new leader
 * goes on where the last one stopped; `state_text.ts` is its text.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import type { ContentId, PodUid } from "../../contract/ids.ts";
import type { Instant } from "../../contract/time.ts";

/** The rollouts of one namespace. */
export interface RolloutState {
  /** By the source's name. */
  readonly sources: ReadonlyMap<string, SourceState>;
}

/** One source in one namespace. Every list is bounded. */
export interface SourceState {
  /** What pods get that are no canaries: its canaries were well. None before the first version was judged. */
  readonly knownGood?: DataVersion;
  /** What was known good before: `rollback` goes there. */
  readonly previous?: DataVersion;
  /** What is being judged. */
  readonly candidate?: Candidate;
  /** The newest version, where it is another than the candidate, the known good one and the rejected ones. */
  readonly waiting?: DataVersion;
  /** Never asked for until a person says `unreject`; the oldest first. */
  readonly rejected: readonly Rejection[];
  /** What everybody gets because a person said so. */
  readonly pin?: { readonly version: DataVersion; readonly at: Instant };
  /** When a person said `pause`: nothing is begun, judged or promoted until `resume`. */
  readonly pausedAt?: Instant;
  /** Pods that are being put back, and are not evicted meanwhile; those that were stay here for an hour. */
  readonly returning: readonly Returning[];
  /** What happened, the oldest first. */
  readonly history: readonly Happening[];
  /** Since when no pod deploys the source. */
  readonly unseenSince?: Instant;
}

/** A version in probation. */
export interface Candidate {
  readonly version: DataVersion;
  /** When it became the candidate. */
  readonly since: Instant;
  /** Since when one candidate after another was applied nowhere: while that is short the newest goes first. */
  readonly tryingSince: Instant;
  /** It goes to everybody, because nothing is known to be good. */
  readonly toAll: boolean;
  /** How many canaries it was to have when it began. */
  readonly share: number;
  /** Contents that were candidates before it and got no verdict: pods may still be on the way back from them. */
  readonly before: readonly ContentId[];
  /** Whether any pod has applied it. */
  readonly applied: boolean;
  readonly canaries: readonly Canary[];
  /** Pods that did not apply it in time, and when they were given up; the oldest first. */
  readonly late: readonly { readonly uid: PodUid; readonly at: Instant }[];
  /** Why it is not promoted although its canaries' time is over: said once a change. */
  readonly held?: HoldRule;
}

/** Why a candidate is held. */
export const holdRules = ["dependents", "common-cause", "no-verdict", "apply-fault"] as const;

/** One of the {@link holdRules}. */
export type HoldRule = typeof holdRules[number];

/** A pod that has a version first. */
export interface Canary {
  readonly uid: PodUid;
  readonly name: string;
  readonly requestedAt: Instant;
  /**
   * Why it counts for neither side until it clears: something was wrong with it `before` (then nothing that is wrong
   * with it ever counts), or is wrong with pods on known good as well (a `common` cause).
   */
  readonly ill?: "before" | "common";
  /** Since when it is clear that was ill: its probation counts from here. */
  readonly clearAt?: Instant;
  /** A pod that depends on it was failing before, and has not cleared since. */
  readonly dependentsIll?: true;
  /** Whether it was Ready, when chosen or since. */
  readonly wasReady: boolean;
  /** Its restarts when it was last seen without the version, or cleared. */
  readonly restarts: number;
  /** When it was first seen with the version: its probation counts from here. */
  readonly appliedAt?: Instant;
  /** The first thing that spoke against the version: it stands, whatever the pod does then. */
  readonly failure?: Failing;
}

/** Why a canary counts as failing. */
export type FailureRule =
  | "crashing"
  | "restarted"
  | "unready"
  | "watchdog"
  | "evicted"
  | "digest"
  | "content"
  | "notify";

/** A failure of a canary. */
export interface Failing {
  /** A {@link FailureRule}; where a newer program wrote it perhaps a word that is unknown here. */
  readonly rule: string;
  readonly words: string;
  readonly at: Instant;
}

/** A content that is never asked for. */
export interface Rejection {
  readonly version: ContentId;
  /** Its name at the repository when it was rejected. */
  readonly path: string;
  readonly at: Instant;
  readonly by: "verdict" | "person";
  readonly words: string;
}

/** A pod that was put back from a version that it should not have. */
export interface Returning {
  readonly uid: PodUid;
  /** What it had. */
  readonly from: ContentId;
  readonly since: Instant;
  /** When it was seen without it, or given up. What its watchdogs said before counts no longer. */
  readonly doneAt?: Instant;
}

/** What may happen to a source, in one word of a small set: Events, metrics and log lines all use it. */
export const happenings = [
  "first-version",
  "candidate",
  "superseded",
  "canaries-chosen",
  "canary-replaced",
  "canary-failing",
  "promoted",
  "rejected",
  "held",
  "rebuilt",
  "forgotten",
  "no-watchdogs",
  "pinned",
  "unpinned",
  "paused",
  "resumed",
  "rolled-back",
  "unrejected",
] as const;

/** One of the {@link happenings}. */
export type HappeningRule = typeof happenings[number];

/** One line of a source's history. */
export interface Happening {
  readonly at: Instant;
  /** A {@link HappeningRule}; where a newer program wrote it perhaps a word that is unknown here. */
  readonly rule: string;
  /** For people: one clean line. */
  readonly words: string;
}

/** Most rejections that are remembered for a source: the oldest are forgotten. */
export const maxRejected = 100;

/** Most lines of a source's history. */
export const maxHistory = 40;

/** Most sources of a namespace, so that the state fits into a ConfigMap, with what is written beside it. */
export const maxSources = 100;

/** Most canaries of all sources of a namespace together, beside the one that each may have. */
export const maxCanaries = 500;

/** Most pods of all sources of a namespace of which is remembered that they are being put back. */
export const maxReturning = 300;

/** Most pods of all candidates of a namespace of which is remembered that they were late, beside one each. */
export const maxLate = 200;

/** Most earlier candidates without a verdict that are remembered. */
export const maxBefore = 5;

/** How long a source that no pod deploys is remembered, milliseconds. */
export const forgetAfter = 30 * 24 * 3_600_000;

/** A namespace of which nothing is known. */
export const emptyState: RolloutState = { sources: new Map() };

/** A source of which nothing is known. */
export const emptySource: SourceState = { rejected: [], returning: [], history: [] };

/** Whether a content is rejected. */
export function isRejected({ rejected }: SourceState, version: ContentId): boolean {
  return rejected.some((one) => one.version === version);
}

/** The state with one source changed. */
export function withSource(state: RolloutState, name: string, source: SourceState): RolloutState {
  return { ...state, sources: new Map([...state.sources, [name, source]]) };
}
