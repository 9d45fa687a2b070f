/**
 * What the eviction decision sees: pods with their workloads, nodes and namespaces, at one moment.
 *
 * @module
 */
import type { PodUid, WorkloadUid } from "../../contract/ids.ts";
import type { Instant } from "../../contract/time.ts";
import type { Watchdog } from "../../contract/watchdog.ts";
import { isProbed, type JudgedPod } from "../pod.ts";
import type { Workload } from "../workload.ts";
import type { Pace, PaceLimits, PodState, Ticks } from "./pacing.ts";
import type { Seen, Strike } from "./strikes.ts";

/** Everything at one moment. */
export interface Model {
  readonly pods: readonly ObservedPod[];
  /** Node by name: whether it is Ready; absent where the node is not known. */
  readonly nodes: ReadonlyMap<string, boolean>;
  readonly pausedNamespaces: ReadonlySet<string>;
  /** Whether a prober renews its Lease. */
  readonly proberWorks: boolean;
  readonly now: Instant;
  readonly ticks: Ticks;
}

/** A pod, what keeps it, and the watchdogs that count against it now. */
export interface ObservedPod {
  readonly pod: JudgedPod;
  readonly workload: Workload | undefined;
  readonly failures: readonly Watchdog[];
  /** Where its data is being put back, or was lately. */
  readonly putBack?: DataReturn;
}

/** A pod's data goes back to a version that is known to be good, because of what its watchdogs say. */
export interface DataReturn {
  /** It is not done yet, so the pod is not evicted now. */
  readonly holds: boolean;
  /** Strikes from before do not count: they may have been the data's fault. */
  readonly strikesFrom: Instant;
  readonly words: string;
}

/** What earlier scans left behind. */
export interface Memory {
  strikes(uid: PodUid): Strike | undefined;
  pace(uid: WorkloadUid): Pace | undefined;
  /** When an eviction of this pod was last refused; minus infinity where it never was. */
  refusedAt(uid: PodUid): Ticks;
  /** When this pod was evicted, by whomever; minus infinity where it was not. */
  evictedAt(uid: PodUid): Ticks;
}

/** The settings that decide. */
export interface Limits {
  /** Earlier scans that must have failed as well. */
  readonly failuresBeforeEviction: number;
  readonly stormPercent: number;
  readonly stormMinPods: number;
  /** AutoCrane's own pods: their namespace and service accounts. */
  readonly own: { readonly namespace: string; readonly serviceAccounts: readonly string[] };
  readonly pace: PaceLimits;
}

/** What this moment shows of a pod's health. */
export function seenOf({ pod, failures }: ObservedPod, proberWorks: boolean): Seen {
  if (failures.length > 0) return "failing";
  const untold = !proberWorks && pod.watchdogs.some((watchdog) => watchdog.evicts && isProbed(pod, watchdog));
  return untold ? "unknown" : "clear";
}

/**
 * The pods of each workload, by its uid, as pacing sees them.
 *
 * @param sightOf a pod's number in the order in which pods came into sight
 */
export function podsByWorkload(
  { pods }: Pick<Model, "pods">,
  sightOf: (uid: PodUid) => number,
): Map<WorkloadUid, { workload: Workload; pods: PodState[] }> {
  const groups = new Map<WorkloadUid, { workload: Workload; pods: PodState[] }>();
  for (const { pod, workload, failures } of pods) {
    if (!workload) continue;
    const group = groups.get(workload.uid) ?? { workload, pods: [] };
    groups.set(workload.uid, group);
    const { uid, ready, terminating } = pod;
    group.pods.push({ uid, sight: sightOf(uid), ready, terminating, failing: failures.length > 0 });
  }
  return groups;
}
