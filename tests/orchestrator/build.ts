/**
 * Small builders: a healthy pod of a Deployment on a Ready node, and whatever a test changes of it.
 *
 * @module
 */
import type { PodUid, WorkloadUid } from "../../lib/contract/ids.ts";
import type { Watchdog } from "../../lib/contract/watchdog.ts";
import type { Limits, Memory, Model, ObservedPod } from "../../lib/orchestrator/evict/model.ts";
import type { NotedEviction, Pace } from "../../lib/orchestrator/evict/pacing.ts";
import { failuresOf, type JudgedPod, type Owner } from "../../lib/orchestrator/pod.ts";
import type { Workload } from "../../lib/orchestrator/workload.ts";
import type { Registry } from "../../lib/runtime/metrics.ts";

/** Identities from text: only here and where objects of the API are read. */
export function podUid(text: string): PodUid {
  return text as PodUid;
}

/** The same for workloads. */
export function workloadUid(text: string): WorkloadUid {
  return text as WorkloadUid;
}

/** What a test says of an object, its identity as plain text. */
type Plain<T> = Partial<Omit<T, "uid" | "controller">> & {
  readonly uid?: string;
  readonly controller?: Omit<Owner, "uid"> & { readonly uid: string } | undefined;
};

/** What a test changes of a pod. */
export type PodChanges = Plain<JudgedPod>;

/** What a test changes of a workload. */
export type WorkloadChanges = Plain<Workload>;

/** The moment at which the examples play. */
export const noon = Date.parse("2026-01-31T12:00:00Z");

/** Milliseconds. */
export const minute = 60_000;
export const hour = 60 * minute;

/** A Deployment of three pods, all ready. */
export function workload(changes: WorkloadChanges = {}): Workload {
  const name = changes.name ?? "web";
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name,
    uid: `${name}-deployment`,
    controller: undefined,
    paused: false,
    failingLimit: undefined,
    desired: 3,
    ready: 3,
    ...changes,
  } as Workload;
}

/** An eviction of a pod before which so many pods had come into sight. */
export function eviction(uid: string, at: number, lastSight = 0): NotedEviction {
  return { uid: podUid(uid), at, lastSight };
}

/** A watchdog in error, of the kind that the prober calls. */
export function watchdog(changes: Partial<Watchdog> = {}): Watchdog {
  return {
    name: "disk",
    status: { level: "error", at: noon - minute, message: "disk full" },
    expires: undefined,
    bytes: 36,
    probed: true,
    evicts: true,
    gates: true,
    ...changes,
  };
}

/** The same watchdog without its error. */
export function clearWatchdog(changes: Partial<Watchdog> = {}): Watchdog {
  return watchdog({ status: { level: "info", at: noon - minute, message: "" }, ...changes });
}

/** A pod that nothing is wrong with. */
export function pod(changes: PodChanges = {}): JudgedPod {
  const name = changes.name ?? "web-1";
  return {
    namespace: "shop",
    name,
    uid: `${name}-uid`,
    resourceVersion: "7",
    watched: true,
    data: undefined,
    watchdogs: [clearWatchdog()],
    byProber: [],
    canFail: true,
    controller: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d", uid: "web-5d-uid" },
    node: "n1",
    serviceAccount: "default",
    ready: true,
    finished: false,
    terminating: false,
    mirror: false,
    evicted: false,
    paused: false,
    wish: undefined,
    gracePeriod: 30,
    ...changes,
  } as JudgedPod;
}

/** A pod with a watchdog in error. */
export function failingPod(changes: PodChanges = {}): JudgedPod {
  return pod({ watchdogs: [watchdog()], ...changes });
}

/** A pod beside its workload, with the failures that count at noon while a prober works. */
export function observed(one: JudgedPod, of: Workload | undefined = workload()): ObservedPod {
  return { pod: one, workload: of, failures: failuresOf(one, true, noon) };
}

/** A cluster of one Ready node with these pods. */
export function model(pods: readonly ObservedPod[], changes: Partial<Model> = {}): Model {
  return {
    pods,
    nodes: new Map([["n1", true]]),
    pausedNamespaces: new Set(),
    proberWorks: true,
    now: noon,
    ticks: 10 * hour,
    ...changes,
  };
}

/** The settings' defaults, with scans a minute apart. */
export const limits: Limits = {
  failuresBeforeEviction: 3,
  stormPercent: 50,
  stormMinPods: 5,
  own: { namespace: "autocrane", serviceAccounts: ["orchestrate", "watchdogprober"] },
  pace: { replacementDeadline: 10 * minute, clearScans: 4, wait: 4 * minute, maxWait: hour },
};

/** What earlier scans left behind: four strikes for everybody, no eviction and no refusal, but for the changes. */
export function memory(
  { strikes, paces = {}, refusals = {}, evictions = {} }: {
    readonly strikes?: number | Readonly<Record<string, number>>;
    readonly paces?: Readonly<Record<string, Pace>>;
    readonly refusals?: Readonly<Record<string, number>>;
    readonly evictions?: Readonly<Record<string, number>>;
  } = {},
): Memory {
  return {
    strikes(uid) {
      const scans = typeof strikes === "object" ? strikes[uid] : strikes ?? 4;
      return scans ? { scans, since: noon - scans * minute } : undefined;
    },
    pace: (uid) => paces[uid],
    refusedAt: (uid) => refusals[uid] ?? -Infinity,
    evictedAt: (uid) => evictions[uid] ?? -Infinity,
  };
}

/** A counter's or gauge's value, 0 where nothing was counted under these labels. */
export async function metric(
  registry: Registry,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
  return values.find((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value))
    ?.value ?? 0;
}
