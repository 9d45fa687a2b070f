/**
 * Which failing pods to evict now, and why each other one is not. Pure: same model, same memory, same
 * answer.
 *
 * @module
 */
import type { WorkloadUid } from "../../contract/ids.ts";
import { key } from "../../contract/keys.ts";
import { parseFailingLimit } from "../../contract/workload.ts";
import type { JudgedPod } from "../pod.ts";
import type { Workload } from "../workload.ts";
import type { Limits, Memory, Model, ObservedPod } from "./model.ts";
import { stormsIn } from "./storm.ts";

/** Why a pod is evicted or not, in one word of a small set: events, metrics and log lines all use it. */
export const rules = [
  "watchdogs-failed",
  "data-put-back",
  "too-few-scans",
  "storm",
  "workload-busy",
  "in-turn",
  "backing-off",
  "limit-zero",
  "terminating",
  "finished",
  "mirror-pod",
  "own-pod",
  "job",
  "no-controller",
  "never",
  "unreadable-evict",
  "paused-pod",
  "paused-workload",
  "paused-namespace",
  "node-not-ready",
] as const;

/** One of the {@link rules}. */
export type Rule = typeof rules[number];

/** What to do with a failing pod: evict it now, hold back for now, or leave it alone whatever happens. */
export interface Decision {
  readonly do: "evict" | "hold" | "exclude";
  readonly pod: JudgedPod;
  readonly workload: Workload | undefined;
  readonly why: { readonly rule: Rule; readonly words: string };
}

/** Decides about every failing pod. Evictions come first, in the order in which they are to be tried. */
export function decide(model: Model, memory: Memory, limits: Limits): Decision[] {
  const failing = model.pods.filter(({ failures }) => failures.length > 0);
  const storms = stormsIn(model, limits);
  const taken = new Map<WorkloadUid, number>();
  return inFairOrder(failing, memory).map((observed) => {
    const verdict = excluded(observed, model, memory, limits) ?? puttingBack(observed) ??
      tooFewScans(observed, memory, limits) ??
      inStorm(observed, storms) ?? paced(observed, model, memory, limits, taken);
    const { pod, workload } = observed;
    if (verdict) return { ...verdict, pod, workload };
    if (workload) taken.set(workload.uid, (taken.get(workload.uid) ?? 0) + 1);
    const why = { rule: "watchdogs-failed" as const, words: wordsFor(observed, memory) };
    return { do: "evict" as const, pod, workload, why };
  }).sort((a, b) => Number(b.do === "evict") - Number(a.do === "evict"));
}

type Verdict = Pick<Decision, "do" | "why"> | undefined;

function exclude(rule: Rule, words: string): Verdict {
  return { do: "exclude", why: { rule, words } };
}

function hold(rule: Rule, words: string): Verdict {
  return { do: "hold", why: { rule, words } };
}

/** Those that were refused longest ago go first, then those that have failed longest; uid breaks ties. */
function inFairOrder(failing: readonly ObservedPod[], memory: Memory): ObservedPod[] {
  return [...failing].sort(({ pod: a }, { pod: b }) =>
    (memory.refusedAt(a.uid) - memory.refusedAt(b.uid) || 0) ||
    (memory.strikes(b.uid)?.scans ?? 0) - (memory.strikes(a.uid)?.scans ?? 0) ||
    (a.uid < b.uid ? -1 : 1)
  );
}

/** The pods that AutoCrane never evicts. */
function excluded({ pod, workload }: ObservedPod, model: Model, memory: Memory, limits: Limits): Verdict {
  if (pod.terminating) return exclude("terminating", "it is being deleted already");
  if (model.ticks - memory.evictedAt(pod.uid) <= limits.pace.replacementDeadline) {
    return exclude("terminating", "its eviction was accepted already, and its end is not seen yet");
  }
  if (pod.finished) return exclude("finished", "it has finished");
  if (pod.mirror) {
    return exclude("mirror-pod", "the kubelet made it from a file, so only its node can replace it");
  }
  const { own } = limits;
  if (pod.namespace === own.namespace && own.serviceAccounts.includes(pod.serviceAccount)) {
    return exclude("own-pod", "it is AutoCrane's own");
  }
  return unwanted(pod) ?? paused(pod, workload, model) ?? unhelped(pod, model);
}

/** What the pod's own annotations and controller say. */
function unwanted(pod: JudgedPod): Verdict {
  if (pod.wish === "never") return exclude("never", `its annotation ${key.evict} says never`);
  if (pod.wish === "unreadable") {
    return exclude("unreadable-evict", `its annotation ${key.evict} is neither "never" nor "always"`);
  }
  if (pod.controller?.kind === "Job") {
    return exclude("job", "it belongs to a Job, which counts its own failures");
  }
  if (!pod.controller && pod.wish !== "always") {
    return exclude(
      "no-controller",
      `nothing would replace it (${key.evict}: always evicts it all the same)`,
    );
  }
  return undefined;
}

function paused(pod: JudgedPod, workload: Workload | undefined, model: Model): Verdict {
  if (pod.paused) return exclude("paused-pod", `${key.pause} is set on it`);
  if (workload?.paused) return exclude("paused-workload", `${key.pause} is set on ${shown(workload)}`);
  if (model.pausedNamespaces.has(pod.namespace)) {
    return exclude("paused-namespace", `${key.pause} is set on the namespace ${pod.namespace}`);
  }
  return undefined;
}

function unhelped(pod: JudgedPod, { nodes }: Model): Verdict {
  if (nodes.get(pod.node) === true) return undefined;
  const state = pod.node === ""
    ? "it has no node yet"
    : `its node ${pod.node} is ${nodes.has(pod.node) ? "not Ready" : "not known"}`;
  return exclude("node-not-ready", `${state}, so what its watchdogs say may be the node's fault`);
}

/** Data first: what is wrong may be its fault, and then nothing is wrong with the pod. */
function puttingBack({ putBack }: ObservedPod): Verdict {
  return putBack?.holds ? hold("data-put-back", putBack.words) : undefined;
}

function tooFewScans({ pod }: ObservedPod, memory: Memory, limits: Limits): Verdict {
  const scans = memory.strikes(pod.uid)?.scans ?? 0;
  const needed = limits.failuresBeforeEviction + 1;
  return scans >= needed ? undefined : hold("too-few-scans", `it failed in ${scans} of ${needed} scans`);
}

function inStorm({ pod }: ObservedPod, storms: ReadonlyMap<string, string>): Verdict {
  const words = storms.get(pod.namespace);
  return words === undefined ? undefined : hold("storm", words);
}

/** The workload's own limits. `taken` are the evictions that this very decision has made. */
function paced(
  { workload }: ObservedPod,
  model: Model,
  memory: Memory,
  limits: Limits,
  taken: ReadonlyMap<WorkloadUid, number>,
): Verdict {
  if (!workload) return undefined;
  const limit = limitOf(workload);
  if (limit.pods === 0) return hold("limit-zero", `the failing limit of ${shown(workload)} is 0`);
  const pace = memory.pace(workload.uid);
  const left = (pace?.waitsUntil(limits.pace) ?? -Infinity) - model.ticks;
  if (pace && left > 0) {
    const times = pace.fruitless === 1 ? "the last eviction" : `the last ${pace.fruitless} evictions`;
    return hold("backing-off", `${times} of ${shown(workload)} did not help; waiting ${minutes(left)} more`);
  }
  const down = pace?.down ?? 0;
  const why = limit.problem ? ` (${limit.problem})` : "";
  if (down >= limit.pods) {
    const being = down === 1 ? "1 pod is" : `${down} pods are`;
    const words = `${being} being replaced, the limit of ${shown(workload)} is ${limit.pods}${why}`;
    return hold("workload-busy", words);
  }
  if (down + (taken.get(workload.uid) ?? 0) < limit.pods) return undefined;
  return hold("in-turn", `other pods of ${shown(workload)} go first, ${limit.pods} at a time${why}`);
}

/** How many pods of a workload may be down at once. Ordered and per-node workloads lose one at a time. */
function limitOf(workload: Workload): { pods: number; problem?: string } {
  const limit = parseFailingLimit(workload.failingLimit, workload.desired);
  // What cannot be read leaves the default in force, and is said where it holds something back.
  if (limit.problem !== undefined) return { pods: 1, problem: limit.problem };
  const ordered = workload.kind === "StatefulSet" || workload.kind === "DaemonSet";
  return { pods: ordered ? Math.min(1, limit.pods) : limit.pods };
}

function wordsFor({ pod, failures }: ObservedPod, memory: Memory): string {
  const [first, ...others] = failures;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const scans = memory.strikes(pod.uid)?.scans ?? 0;
  return `watchdog ${first?.name}${more} failed in ${scans} scans: ${first?.status?.message}`;
}

function shown({ kind, name }: Workload): string {
  return `${kind} ${name}`;
}

function minutes(ms: number): string {
  return ms >= 60_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 1000)} s`;
}
