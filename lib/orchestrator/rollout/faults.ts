/**
 * What speaks against a version on a pod, and what says nothing because pods without the version show it as well.
 *
 * @module
 */
import type { DataStatus } from "../../contract/data_version.ts";
import type { ContentId } from "../../contract/ids.ts";
import { cleanText } from "../../contract/text.ts";
import { type DataPod, hasLive, isPresent, namesOf } from "./model.ts";
import type { Canary, Candidate, FailureRule, SourceState } from "./state.ts";
import { atOnce, type SourceView } from "./view.ts";

/** A fault of a pod. */
export interface Fault {
  readonly rule: FailureRule;
  /** What the same fault of another pod is known by. */
  readonly key: string;
  readonly words: string;
}

/** The faults of an apply that speak against the version, and not against where the pod is. */
const againstVersion = ["digest", "content", "notify"] as const;

/** What a deployer holds against a content that it was asked for. */
export function applyFaultsOf(pod: DataPod, source: string, content: ContentId): Fault[] {
  return statusesOf(pod, source).flatMap((status) => {
    const rule = againstVersion.find((one) => one === status.fault);
    if (status.state !== "failed" || status.version !== content || rule === undefined) return [];
    return [{ rule, key: rule, words: `its deployer says (${rule}): ${status.message}` }];
  });
}

/** What is wrong with the pod itself, whatever the cause. */
export function podFaultsOf(pod: DataPod): Fault[] {
  const faults: Fault[] = pod.failing.map((name) => ({
    rule: "watchdog",
    key: `watchdog ${name}`,
    words: `its watchdog ${cleanText(name, 63)} fails`,
  }));
  if (pod.crashing) faults.unshift({ rule: "crashing", key: "crash", words: "it crashes" });
  if (!pod.ready) faults.push({ rule: "unready", key: "unready", words: "it is not Ready" });
  return faults;
}

/**
 * What is wrong with a canary that has the version: its restarts since, and losing readiness, count as well. A pod that
 * was not Ready yet has the apply deadline to become so.
 */
export function canaryFaultsOf(pod: DataPod, canary: Canary, view: SourceView): Fault[] {
  const { applyDeadline } = view.limits;
  const starting = !canary.wasReady && view.now - (canary.appliedAt ?? view.now) < applyDeadline;
  const faults = podFaultsOf(pod).filter(({ rule }) => rule !== "unready" || !starting);
  const restarts = pod.restarts - canary.restarts;
  if (restarts > 0 || endedAtSwap(pod, canary)) {
    const words = `its containers restarted ${restarts > 1 ? `${restarts} times` : "once"} since`;
    faults.push({ rule: "restarted", key: "crash", words });
  }
  return faults;
}

/** How long after a swap its status may be seen, milliseconds. */
const statusLag = 10_000;

/** Whether a container ended between the swap and the moment at which the swap was seen. */
function endedAtSwap(
  { restartedAt }: DataPod,
  { appliedAt, clearAt, requestedAt, wasReady, ill }: Canary,
): boolean {
  if (restartedAt === undefined || appliedAt === undefined || !wasReady || ill || clearAt !== undefined) {
    return false;
  }
  return restartedAt >= Math.max(requestedAt, appliedAt - statusLag);
}

/** The keys of the faults that pods on known good show: a candidate cannot be their cause. */
export function commonFaults(state: SourceState, candidate: Candidate, view: SourceView): Set<string> {
  const { knownGood } = state;
  if (!knownGood) return new Set();
  const keys = new Set<string>();
  // Who was a canary may show what the candidate did to it.
  const canaries = new Set([...candidate.canaries, ...candidate.late].map(({ uid }) => uid));
  for (const pod of view.group.all) {
    if (canaries.has(pod.uid) || !hasLive(pod, view.source, knownGood.version)) continue;
    if (hasLive(pod, view.source, candidate.version.version)) continue;
    for (const key of keysOf(pod, view.source, knownGood.version, view.now - atOnce)) keys.add(key);
  }
  return keys;
}

function keysOf(pod: DataPod, source: string, knownGood: ContentId, since: number): string[] {
  if (pod.evicted) return ["evicted", ...pod.failing.map((name) => `watchdog ${name}`)];
  if (!isPresent(pod)) return [];
  const faults = [...podFaultsOf(pod), ...applyFaultsOf(pod, source, knownGood)].map(({ key }) => key);
  if ((pod.restartedAt ?? -Infinity) >= since) faults.push("crash");
  // Such a pod is evicted too, in its turn.
  if (pod.failing.length > 0) faults.push("evicted");
  return faults;
}

function statusesOf(pod: DataPod, source: string): DataStatus[] {
  return namesOf(pod, source).map((name) => pod.statuses.get(name)).filter((one) => one !== undefined);
}
