/**
 * Objects as the tests of conformance need them.
 *
 * @module
 */
import type { Deployment, DeploymentSpec } from "../../k8s/apps_v1.ts";
import type { ConfigMap, Pod, PodSpec } from "../../k8s/core_v1.ts";
import type { ObjectMeta } from "../../k8s/meta_v1.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from "../../k8s/policy_v1.ts";
import { node } from "../cluster/support/kubelet.ts";
import type { Collection, Kept } from "./collection.ts";

/** A uid that no object has. */
export const nobody = "00000000-0000-4000-8000-000000000000";

/** A ConfigMap. */
export function map(name: string, data?: Record<string, string>, metadata: ObjectMeta = {}): ConfigMap {
  return { metadata: { name, ...metadata }, ...(data && { data }) };
}

/** A pod that no scheduler looks after. */
export function pod(name: string, metadata: ObjectMeta = {}, spec: Partial<PodSpec> = {}): Pod {
  return {
    metadata: { name, ...metadata },
    spec: { schedulerName: "nobody", containers: [{ name: "app", image: "app" }], ...spec },
  };
}

/** A pod that is bound. */
export function boundPod(
  name: string,
  labels: Record<string, string> = {},
  spec: Partial<PodSpec> = {},
): Pod {
  return pod(name, { labels }, { nodeName: node, ...spec });
}

/** The status of a pod that runs. */
export function running(ready: boolean = true): Pod["status"] {
  return { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] };
}

/** Creates a bound pod with a status. */
export async function startPod(
  pods: Collection<Pod>,
  bound: Pod,
  status: Pod["status"] = running(),
): Promise<Kept<Pod>> {
  await pods.create(bound);
  return await pods.mergeStatus(bound.metadata!.name!, { status });
}

/** A Deployment of pods with a label `app`. */
export function deployment(
  name: string,
  replicas: number,
  spec: Partial<DeploymentSpec> = {},
  podSpec: Partial<PodSpec> = {},
): Deployment {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1" }], ...podSpec } },
      ...spec,
    },
  };
}

/** A budget over the pods with a label `app`. */
export function budget(name: string, app: string, spec: PodDisruptionBudgetSpec): PodDisruptionBudget {
  return { metadata: { name }, spec: { selector: { matchLabels: { app } }, ...spec } };
}
