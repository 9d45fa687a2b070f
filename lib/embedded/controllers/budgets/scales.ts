/**
 * Of how many pods a set of pods is meant to be, by their controllers' scale.
 *
 * @module
 */
import type { Deployment, ReplicaSet, StatefulSet } from "../../../../k8s/apps_v1.ts";
import type { Pod } from "../../../../k8s/core_v1.ts";
import type { OwnerReference } from "../../../../k8s/meta_v1.ts";
import type { KubeObject } from "../../../kube/store.ts";
import { controllerOf } from "../objects/owners.ts";

/** The workloads of a namespace that have a scale. */
export interface Workloads {
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly statefulSets: readonly StatefulSet[];
}

/** How many pods there are meant to be, and which pods count for nothing in that. */
export interface ExpectedScale {
  readonly pods: number;
  /** Names of pods without a controller. */
  readonly unmanaged: readonly string[];
}

/** An object with a number of replicas. */
type Scaled = KubeObject & { readonly spec?: { readonly replicas?: number } };

/**
 * Sums the scales of the pods' controllers, each once.
 *
 * @throws Error that names a pod whose controller has no scale, or is gone
 */
export function expectedScale(pods: readonly Pod[], workloads: Workloads): ExpectedScale {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner) {
      unmanaged.push(pod.metadata!.name!);
      continue;
    }
    const scaled = scaledBy(owner, workloads);
    if (!scaled) throw new Error(`found no controllers for pod "${pod.metadata!.name}"`);
    scales.set(scaled.metadata!.uid!, scaled.spec?.replicas ?? 1);
  }
  return { pods: [...scales.values()].reduce((sum, scale) => sum + scale, 0), unmanaged };
}

/** The object whose scale decides: a Deployment decides for its ReplicaSets. */
function scaledBy(owner: OwnerReference, workloads: Workloads): Scaled | undefined {
  const group = owner.apiVersion.split("/").at(-2) ?? "";
  if (group !== "apps") throw noScale(owner, group);
  switch (owner.kind) {
    case "StatefulSet":
      return named(owner, workloads.statefulSets);
    case "ReplicaSet":
      return ofReplicaSet(owner, workloads);
    case "Deployment":
      return named(owner, workloads.deployments);
    default:
      throw noScale(owner, group);
  }
}

function ofReplicaSet(owner: OwnerReference, workloads: Workloads): Scaled | undefined {
  const replicaSet = named(owner, workloads.replicaSets);
  const above = replicaSet && controllerOf(replicaSet);
  return above?.kind === "Deployment" ? named(above, workloads.deployments) : replicaSet;
}

function named<T extends KubeObject>({ name, uid }: OwnerReference, objects: readonly T[]): T | undefined {
  return objects.find(({ metadata }) => metadata?.name === name && metadata.uid === uid);
}

function noScale({ kind }: OwnerReference, group: string): Error {
  const plural = `${kind.toLowerCase()}s${group ? `.${group}` : ""}`;
  return new Error(`${plural} does not implement the scale subresource`);
}
