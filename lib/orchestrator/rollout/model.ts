/**
 * What the data rollout sees of one namespace at one moment: the pods that data concerns, and what the repository has.
 *
 * @module
 */
import type { DataDeployment } from "../../contract/data.ts";
import type { Catalogue } from "../../contract/data_catalogue.ts";
import type { DataStatus, DataVersion } from "../../contract/data_version.ts";
import type { ContentId, PodUid, WorkloadUid } from "../../contract/ids.ts";

/** One namespace at one moment. */
export interface RolloutModel {
  readonly namespace: string;
  /** Whether `autocrane.io/pause` is set on the namespace: then nothing is asked of anybody. */
  readonly paused: boolean;
  /** Every pod with a data deployment or with dependencies on one, in any order. */
  readonly pods: readonly DataPod[];
  /** Pods that ended since the state was written, as far as that is known: canaries are looked up here. */
  readonly gone: readonly GonePod[];
  /** What the repository has; `undefined` when it could not be read: no new version is begun then. */
  readonly catalogue: Catalogue | undefined;
}

/** A pod that data concerns. */
export interface DataPod {
  readonly uid: PodUid;
  readonly name: string;
  /** Its node's name, empty before it has one. */
  readonly node: string;
  /** What keeps it, as `workloadOf` finds it; a pod that nothing keeps has none. */
  readonly workload: { readonly uid: WorkloadUid; readonly name: string } | undefined;
  /** What it deploys. */
  readonly deployments: readonly DataDeployment[];
  /** Sources that another pod on its node deploys for it. */
  readonly deps: readonly string[];
  /** Whether it names another repository than the one that is asked: it is told of and never asked for anything. */
  readonly otherRepository: boolean;
  /** Its request annotations by the deployment's name, those that cannot be read with their problem. */
  readonly requests: ReadonlyMap<string, DataVersion | { readonly problem: string }>;
  /** Its status annotations by the deployment's name, those that can be read. */
  readonly statuses: ReadonlyMap<string, DataStatus>;
  readonly ready: boolean;
  /** Restarts of all its containers together. */
  readonly restarts: number;
  /** When a container of it ended last, where the API tells. */
  readonly restartedAt?: number;
  /** Whether a container waits in CrashLoopBackOff, or has ended with an error. */
  readonly crashing: boolean;
  /** Whether it has a watchdog that counts against it, with a status or without one yet. */
  readonly watched: boolean;
  /** The watchdogs that count against it now (`failuresOf`), by name. */
  readonly failing: readonly string[];
  /** AutoCrane had it evicted: the API server accepted our eviction. */
  readonly evicted: boolean;
  readonly terminating: boolean;
  readonly finished: boolean;
  /** Whether `autocrane.io/pause` is set on it or its workload: it is looked at and never asked for anything. */
  readonly paused: boolean;
}

/** A pod that is there no longer. */
export interface GonePod {
  readonly uid: PodUid;
  readonly name: string;
  /** `evicted` where AutoCrane had it evicted; a rollout, a scale-down, a drain or a lost node is `other`. */
  readonly why: "evicted" | "other";
}

/** The settings that decide. */
export interface RolloutLimits {
  /** The part of a source's pods that gets a version first, 1 to 100. */
  readonly canaryPercent: number;
  /** How long canaries must be well, milliseconds. */
  readonly probation: number;
  /** The part of the canaries that may fail, 0 to 99. */
  readonly failingPercent: number;
  /** How long a canary may take to apply a version before another is chosen, milliseconds. */
  readonly applyDeadline: number;
}

/** Whether a pod still counts: it runs, or is about to. */
export function isPresent({ terminating, finished, evicted }: DataPod): boolean {
  return !terminating && !finished && !evicted;
}

/** What is asked many times in a decision, and stays while a pod's annotations do. */
const namesBySource = new WeakMap<readonly DataDeployment[], ReadonlyMap<string, readonly string[]>>();

const noNames: readonly string[] = [];

/** The names under which a pod deploys a source. */
export function namesOf({ deployments }: DataPod, source: string): readonly string[] {
  let names = namesBySource.get(deployments);
  if (!names) {
    const groups = Map.groupBy(deployments, (one) => one.source);
    names = new Map([...groups].map(([source, group]) => [source, group.map(({ name }) => name)]));
    namesBySource.set(deployments, names);
  }
  return names.get(source) ?? noNames;
}

/**
 * The version that is in place for one deployment of a pod, as its deployer says; `undefined` where none is. An
 * application is asked after the swap, so what it refused is in place as well.
 */
export function liveOf(status: DataStatus | undefined): DataVersion | undefined {
  return status?.state === "applied"
    ? status
    : status?.live ?? (status?.fault === "notify" ? status : undefined);
}

/** Whether a pod has applied this content under every name by which it deploys the source. */
export function hasApplied(pod: DataPod, source: string, content: ContentId): boolean {
  return namesOf(pod, source).every((name) => {
    const status = pod.statuses.get(name);
    return status?.state === "applied" && status.version === content;
  });
}

/** Whether this content is in place under any name by which a pod deploys the source. */
export function hasLive(pod: DataPod, source: string, content: ContentId): boolean {
  return namesOf(pod, source).some((name) => liveOf(pod.statuses.get(name))?.version === content);
}

/**
 * Whether this content may still be in place where it was: a deployer that begins again, or is at work on what it has,
 * tells of nothing else.
 */
export function mayHave(pod: DataPod, source: string, content: ContentId): boolean {
  return hasLive(pod, source, content) || namesOf(pod, source).some((name) => {
    const status = pod.statuses.get(name);
    return status?.version === content && status.live === undefined;
  });
}

/** Whether any version of the source is in place. */
export function hasAnyLive(pod: DataPod, source: string): boolean {
  return namesOf(pod, source).some((name) => liveOf(pod.statuses.get(name)) !== undefined);
}

/** The contents of the source that a pod was asked to have. */
export function requestedOf(pod: DataPod, source: string): ContentId[] {
  return namesOf(pod, source).flatMap((name) => {
    const request = pod.requests.get(name);
    return request === undefined || "problem" in request ? [] : [request.version];
  });
}

/** Whether something is wrong with a pod now, whatever the cause. */
export function isIll({ ready, crashing, failing }: DataPod): boolean {
  return !ready || crashing || failing.length > 0;
}
