/**
 * Workloads: what keeps a pod, as the person who deployed it would name it.
 *
 * @module
 */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "../../k8s/apps_v1.ts";
import type { WorkloadUid } from "../contract/ids.ts";
import { key } from "../contract/keys.ts";
import { isPaused } from "../contract/workload.ts";
import type { JudgedPod, Owner } from "./pod.ts";
import { ownerOf } from "./pod.ts";

/** A controller of pods, or of what controls them. */
export interface Workload extends Owner {
  readonly namespace: string;
  /** What controls it in turn: a ReplicaSet's Deployment. */
  readonly controller: Owner | undefined;
  readonly paused: boolean;
  /** `autocrane.io/failing-limit` as written. */
  readonly failingLimit: string | undefined;
  /** How many pods it should have, and how many of them are ready. */
  readonly desired: number;
  readonly ready: number;
}

/** The kinds that are followed. Pods of any other controller are grouped by that controller. */
export type FollowedWorkload = Deployment | ReplicaSet | StatefulSet | DaemonSet;

/** Trims workloads of one kind. */
export function workloadReader(kind: string): (object: FollowedWorkload) => Workload {
  return ({ metadata, spec, status }) => {
    const annotations = metadata?.annotations ?? {};
    const controller = metadata?.ownerReferences?.find((owner) => owner.controller);
    const counts = status ?? {};
    const ready = "numberReady" in counts
      ? counts.numberReady
      : "readyReplicas" in counts
      ? counts.readyReplicas
      : 0;
    const desired = "desiredNumberScheduled" in counts
      ? counts.desiredNumberScheduled
      : spec && "replicas" in spec
      ? spec.replicas
      : 0;
    return {
      apiVersion: "apps/v1",
      kind,
      namespace: metadata?.namespace ?? "",
      name: metadata?.name ?? "",
      uid: (metadata?.uid ?? "") as WorkloadUid,
      controller: controller && ownerOf(controller),
      paused: isPaused(annotations),
      failingLimit: annotations[key.failingLimit],
      desired: desired ?? 0,
      ready: ready ?? 0,
    };
  };
}

/** Where workloads are looked up: by kind, namespace and name. */
export type FindWorkload = (kind: string, namespace: string, name: string) => Workload | undefined;

/**
 * The workload of a pod: the Deployment of its ReplicaSet, else its controller. A controller that is not
 * known (of a kind that is not followed, or not seen yet) is taken for a workload without limits of its own.
 */
export function workloadOf(pod: JudgedPod, find: FindWorkload): Workload | undefined {
  let workload = pod.controller && resolve(pod.controller, pod.namespace, find);
  if (workload?.controller) workload = resolve(workload.controller, pod.namespace, find);
  return workload;
}

function resolve(owner: Owner, namespace: string, find: FindWorkload): Workload {
  const found = find(owner.kind, namespace, owner.name);
  if (found?.uid === owner.uid) return found;
  return {
    ...owner,
    namespace,
    controller: undefined,
    paused: false,
    failingLimit: undefined,
    desired: 0,
    ready: 0,
  };
}
