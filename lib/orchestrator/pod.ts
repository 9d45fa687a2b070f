/**
 * What the orchestrator keeps of a pod.
 *
 * @module
 */
import type { Pod } from "../../k8s/core_v1.ts";
import type { OwnerReference } from "../../k8s/meta_v1.ts";
import type { PodUid, WorkloadUid } from "../contract/ids.ts";
import { namesUnder, prefix } from "../contract/keys.ts";
import { isCurrent } from "../contract/status.ts";
import type { Instant } from "../contract/time.ts";
import { standingOf, type Watchdog, watchdogsOf } from "../contract/watchdog.ts";
import { type EvictionWish, evictionWish, isPaused } from "../contract/workload.ts";
import { managedAnnotations } from "../kube/managed_fields.ts";
import { type DataFacts, dataFacts } from "./rollout/facts.ts";

/** A reference to the object that keeps a pod, or keeps what keeps it. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: WorkloadUid;
}

/** A pod that watchdogs or data concern. */
export interface JudgedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: PodUid;
  readonly resourceVersion: string;
  /** Whether watchdogs concern it: evictions look at no other pod. */
  readonly watched: boolean;
  /** What concerns data; `undefined` for a pod without any. */
  readonly data: DataFacts | undefined;
  /** Watchdogs with a status, expired ones included. */
  readonly watchdogs: readonly Watchdog[];
  /** Names of statuses that the prober wrote: they count only while a prober works. */
  readonly byProber: readonly string[];
  /** Whether any watchdog of the pod, with a status or without one yet, counts against it. */
  readonly canFail: boolean;
  readonly controller: Owner | undefined;
  readonly node: string;
  readonly serviceAccount: string;
  readonly ready: boolean;
  readonly finished: boolean;
  readonly terminating: boolean;
  readonly mirror: boolean;
  /** Somebody, most likely we, had it evicted through the API. */
  readonly evicted: boolean;
  readonly paused: boolean;
  readonly wish: EvictionWish;
  /** Its own grace period, seconds. */
  readonly gracePeriod: number;
}

/** Kubernetes' grace period where a pod names none, seconds. */
const defaultGracePeriod = 30;

/** The kubelet's mark on a pod that it made from a file (kubernetes.io/config.mirror). */
const mirrorAnnotation = "kubernetes.io/config.mirror";

/** Trims pods for the orchestrator; `undefined` for a pod that neither watchdogs nor data concern. */
export function podReader(proberFieldManager: string): (pod: Pod) => JudgedPod | undefined {
  return (pod) => {
    const annotations = pod.metadata?.annotations ?? {};
    const watchdogs = watchdogsOf(annotations);
    const probes = namesUnder(annotations, prefix.probe);
    const judged = new Set(watchdogs.map(({ name }) => name));
    const watched = watchdogs.length > 0 || probes.length > 0;
    const data = dataFacts(pod, proberFieldManager);
    if (!watched && !data) return undefined;
    const controller = pod.metadata?.ownerReferences?.find((owner) => owner.controller);
    const conditions = pod.status?.conditions ?? [];
    const holds = (type: string) => conditions.some((one) => one.type === type && one.status === "True");
    return {
      namespace: pod.metadata?.namespace ?? "",
      name: pod.metadata?.name ?? "",
      uid: (pod.metadata?.uid ?? "") as PodUid,
      resourceVersion: pod.metadata?.resourceVersion ?? "",
      watched,
      data,
      watchdogs,
      byProber: managedAnnotations(pod, proberFieldManager, prefix.status),
      canFail: watchdogs.some(({ evicts }) => evicts) ||
        probes.some((name) => !judged.has(name) && standingOf(annotations, name).evicts),
      controller: controller && ownerOf(controller),
      node: pod.spec?.nodeName ?? "",
      serviceAccount: pod.spec?.serviceAccountName ?? "",
      ready: holds("Ready"),
      finished: pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed",
      terminating: pod.metadata?.deletionTimestamp !== undefined,
      mirror: annotations[mirrorAnnotation] !== undefined,
      evicted: holds("DisruptionTarget") &&
        conditions.some(({ type, reason }) =>
          type === "DisruptionTarget" && reason === "EvictionByEvictionAPI"
        ),
      paused: isPaused(annotations),
      wish: evictionWish(annotations),
      gracePeriod: pod.spec?.terminationGracePeriodSeconds ?? defaultGracePeriod,
    };
  };
}

/** The parts of an owner reference that identify the owner. */
export function ownerOf({ apiVersion, kind, name, uid }: OwnerReference): Owner {
  return { apiVersion, kind, name, uid: uid as WorkloadUid };
}

/**
 * The watchdogs that count against a pod at `now`.
 *
 * @param proberWorks whether a prober renews its Lease: a dead one's old errors say nothing
 */
export function failuresOf(pod: JudgedPod, proberWorks: boolean, now: Instant): Watchdog[] {
  return pod.watchdogs.filter((watchdog) =>
    watchdog.evicts && watchdog.status?.level === "error" && isCurrent(watchdog, now) &&
    (proberWorks || !isProbed(pod, watchdog))
  );
}

/** Whether a watchdog's status is the prober's: the pod asks for the probe, or the prober wrote what it says. */
export function isProbed(pod: JudgedPod, { name, probed }: Watchdog): boolean {
  return probed || pod.byProber.includes(name);
}
