/**
 * One canary: what was seen of it, and where it stands.
 *
 * @module
 */
import { cleanText } from "../../contract/text.ts";
import { applyFaultsOf, canaryFaultsOf, type Fault } from "./faults.ts";
import {
  type DataPod,
  hasAnyLive,
  hasApplied,
  hasLive,
  isIll,
  isPresent,
  mayHave,
  namesOf,
} from "./model.ts";
import type { Canary, Candidate } from "./state.ts";
import { isUnwell, type SourceView, spent } from "./view.ts";

/** A canary as it begins. */
export function chosen(pod: DataPod, candidate: Candidate, view: SourceView): Canary {
  // A pod that has the version already may be ill because of it; one that has no version yet is only starting.
  const mayBlame = hasLive(pod, view.source, candidate.version.version) ||
    (!hasAnyLive(pod, view.source) && !pod.crashing && pod.failing.length === 0);
  return {
    uid: pod.uid,
    name: pod.name,
    requestedAt: view.now,
    ...(isUnwell(pod, view) && !mayBlame && { ill: "before" as const }),
    ...(illDependentsOf(pod, view).length > 0 && { dependentsIll: true as const }),
    wasReady: pod.ready,
    restarts: pod.restarts,
  };
}

/** The pods that depend on what this pod deploys, and fail now. */
export function illDependentsOf({ uid, node }: DataPod, { group }: SourceView): DataPod[] {
  return group.illDependents.get(node)?.filter((pod) => pod.uid !== uid) ?? [];
}

/**
 * The canary with what is seen of it now; the same object where nothing is new, and `undefined` where its pod went
 * for a reason that says nothing of the version.
 *
 * @param common the faults that pods on known good show as well
 */
export function observed(
  canary: Canary,
  candidate: Candidate,
  view: SourceView,
  common: ReadonlySet<string>,
): Canary | undefined {
  if (canary.failure) return canary;
  const pod = view.podByUid.get(canary.uid);
  if (!pod || !isPresent(pod)) return ended(canary, pod, view, common);
  if (pod.otherRepository || namesOf(pod, view.source).length === 0) return undefined;
  const seen = sawDependents(sawApplied(canary, candidate, pod, view), pod, view);
  return judged(seen, candidate, pod, view, common);
}

/** A pod that ended: evicted for its failing, ended with an error, or neither. */
function ended(
  canary: Canary,
  pod: DataPod | undefined,
  view: SourceView,
  common: ReadonlySet<string>,
): Canary | undefined {
  const evicted = pod
    ? pod.evicted
    : view.model.gone.some(({ uid, why }) => uid === canary.uid && why === "evicted");
  const excused = pod && pod.failing.length > 0
    ? pod.failing.every((name) => common.has(`watchdog ${name}`))
    : common.has("evicted");
  if (canary.appliedAt === undefined || canary.ill === "before") return undefined;
  if (evicted) {
    return excused
      ? undefined
      : failing(canary, { rule: "evicted", words: "AutoCrane had it evicted" }, view);
  }
  if (!pod?.finished || !pod.crashing || common.has("crash")) return undefined;
  return failing(canary, { rule: "crashing", words: "it ended with an error" }, view);
}

/** Whether it has the version, and what it was like before it had. */
function sawApplied(canary: Canary, candidate: Candidate, pod: DataPod, view: SourceView): Canary {
  const content = candidate.version.version;
  if (canary.appliedAt !== undefined) {
    if (mayHave(pod, view.source, content)) return withReady(canary, pod);
    // Something else was put into its place: it is asked, and judged, anew.
    const { appliedAt: _, ...before } = canary;
    return { ...before, requestedAt: view.now };
  }
  if (hasApplied(pod, view.source, content)) return withReady({ ...canary, appliedAt: view.now }, pod);
  return pod.restarts === canary.restarts ? canary : { ...canary, restarts: pod.restarts };
}

function withReady(canary: Canary, { ready }: DataPod): Canary {
  return ready && !canary.wasReady ? { ...canary, wasReady: true } : canary;
}

function sawDependents(canary: Canary, pod: DataPod, view: SourceView): Canary {
  if (!canary.dependentsIll || illDependentsOf(pod, view).length > 0) return canary;
  const { dependentsIll: _, ...cleared } = canary;
  return cleared;
}

/** What speaks against the version is recorded; what says nothing of it is waited out. */
function judged(
  canary: Canary,
  candidate: Candidate,
  pod: DataPod,
  view: SourceView,
  common: ReadonlySet<string>,
): Canary {
  const onApply = applyFaultsOf(pod, view.source, candidate.version.version);
  if (canary.ill === "before") {
    // An ill application may refuse any notify; bytes are wrong whoever reads them.
    const blamed = onApply.find(({ rule, key }) => rule !== "notify" && !common.has(key));
    return blamed ? failing(canary, blamed, view) : sawClear(canary, pod, view);
  }
  const faults = canary.appliedAt === undefined ? [] : canaryFaultsOf(pod, canary, view);
  const blamed = [...onApply, ...faults].find(({ key }) => !common.has(key));
  if (blamed) return failing(canary, blamed, view);
  if (onApply.length > 0 || faults.length > 0) return excused(canary, pod, faults);
  return canary.ill === undefined ? canary : sawClear(canary, pod, view);
}

/** Whether a pod that was ill is clear now. One that falls ill again stayed as it was. */
function sawClear(canary: Canary, pod: DataPod, view: SourceView): Canary {
  const { clearAt, ...still } = canary;
  const clear = canary.appliedAt !== undefined && !isIll(pod);
  if (clearAt === undefined) return clear ? { ...canary, clearAt: view.now, restarts: pod.restarts } : canary;
  return clear && pod.restarts === canary.restarts ? canary : still;
}

function excused(canary: Canary, pod: DataPod, faults: readonly Fault[]): Canary {
  const restarted = faults.some(({ rule }) => rule === "restarted");
  if (canary.ill === "common" && canary.clearAt === undefined && !restarted) return canary;
  const { clearAt: _, ...rest } = canary;
  return { ...rest, ill: "common", ...(restarted && { restarts: pod.restarts }) };
}

function failing(canary: Canary, { rule, words }: Omit<Fault, "key">, view: SourceView): Canary {
  const { ill: _, ...rest } = canary;
  view.say("canary-failing", `${canary.name}: ${words}`, { pod: { uid: canary.uid, name: canary.name } });
  return { ...rest, failure: { rule, words: cleanText(words, 200), at: view.now } };
}

/** Where a canary stands, in one word of a small set, and what is missing. */
export interface Standing {
  /** `neither` counts for no side; `late` has not applied in time. */
  readonly is: "asked" | "late" | "probation" | "neither" | "healthy" | "failing";
  readonly words: string;
}

/** Where a canary stands now. */
export function standingOf(canary: Canary, candidate: Candidate, view: SourceView): Standing {
  const { now, limits: { applyDeadline, probation } } = view;
  if (canary.failure) return { is: "failing", words: canary.failure.words };
  const pod = view.podByUid.get(canary.uid);
  if (!pod) return { is: "asked", words: "it is gone" };
  if (canary.appliedAt === undefined) {
    const left = canary.requestedAt + applyDeadline - now;
    const words = `${waitsWith(pod, candidate, view)}, ${
      left > 0 ? `${spent(left)} left` : "its time is over"
    }`;
    return { is: left > 0 ? "asked" : "late", words };
  }
  const missing = missingOf(pod, candidate, view);
  const left = (canary.clearAt ?? canary.appliedAt) + probation - now;
  if (left > 0) missing.push(`${spent(left)} of its probation are left`);
  if (missing.length === 0 && isClear(canary)) return { is: "healthy", words: "it is well" };
  if (!canary.ill) return { is: "probation", words: missing.join(", ") };
  // Who clears in time has a probation of its own; who clears again and again stays as it was.
  const time = isClear(canary) ? 2 * probation : probation;
  return { is: now < canary.appliedAt + time ? "probation" : "neither", words: illWords[canary.ill] };
}

function isClear({ ill, clearAt }: Canary): boolean {
  return ill === undefined || clearAt !== undefined;
}

const illWords = {
  before: "it was failing before and has not cleared",
  common: "pods on known good show what is wrong with it as well",
} as const;

function missingOf(pod: DataPod, candidate: Candidate, { source }: SourceView): string[] {
  const missing: string[] = [];
  if (!pod.ready) missing.push("it is not Ready yet");
  if (!hasApplied(pod, source, candidate.version.version)) {
    missing.push("its deployer is at work on it again");
  }
  const unprobed = namesOf(pod, source).some((name) => pod.statuses.get(name)?.probed === undefined);
  // The prober drops its mark with every new status, so a mark is of this version.
  if (pod.watched && unprobed) missing.push("its watchdogs were not all probed since");
  return missing;
}

function waitsWith(pod: DataPod, candidate: Candidate, { source }: SourceView): string {
  const told = namesOf(pod, source).map((name) => pod.statuses.get(name)).find((status) =>
    status?.version === candidate.version.version
  );
  if (told?.state === "failed") return `it cannot apply it (${told.fault ?? "fault"}: ${told.message})`;
  return told?.state === "downloading" ? "it is downloading" : "it has not applied yet";
}
