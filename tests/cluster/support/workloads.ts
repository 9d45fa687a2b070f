/**
 * Workloads as their owners would write them, with only what the tests care about left to say.
 *
 * @module
 */
import type { Container, Pod, PodTemplateSpec } from "../../../k8s/core_v1.ts";
import type { DaemonSet, Deployment, StatefulSet } from "../../../k8s/apps_v1.ts";
import type { PodDisruptionBudget } from "../../../k8s/policy_v1.ts";
import { node } from "./kubelet.ts";

/** What a pod template says. */
export interface Template {
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly containers?: Container[];
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly nodeName?: string;
}

/** A workload's name and size, its own annotations, and its template. */
export interface Shape extends Template {
  readonly name: string;
  readonly replicas?: number;
  readonly workloadAnnotations?: Record<string, string>;
}

/** The container that runs an application. */
export const app: Container = { name: "app", image: "app" };

/** The gate's container, as users add it. */
export const gate: Container = { name: "watchdoghealthz", image: "autocrane", args: ["watchdoghealthz"] };

function template(name: string, shape: Template, bound = true): PodTemplateSpec {
  const { annotations = {}, labels = {}, containers = [app], ...spec } = shape;
  return {
    metadata: { annotations, labels: { app: name, ...labels } },
    spec: {
      ...(bound && { nodeName: spec.nodeName ?? node }),
      containers,
      ...(spec.serviceAccountName && { serviceAccountName: spec.serviceAccountName }),
      ...(spec.terminationGracePeriodSeconds !== undefined &&
        { terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds }),
    },
  };
}

/** A Deployment. */
export function deployment({ name, replicas = 1, workloadAnnotations = {}, ...shape }: Shape): Deployment {
  return {
    metadata: { name, annotations: workloadAnnotations },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, shape) },
  };
}

/** A StatefulSet that starts all its pods at once. */
export function statefulSet({ name, replicas = 1, workloadAnnotations = {}, ...shape }: Shape): StatefulSet {
  return {
    metadata: { name, annotations: workloadAnnotations },
    spec: {
      replicas,
      serviceName: name,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: name } },
      template: template(name, shape),
    },
  };
}

/** A DaemonSet: one pod a node. */
export function daemonSet({ name, workloadAnnotations = {}, ...shape }: Shape): DaemonSet {
  return {
    metadata: { name, annotations: workloadAnnotations },
    spec: { selector: { matchLabels: { app: name } }, template: template(name, shape, false) },
  };
}

/** A pod that nothing would replace. */
export function barePod({ name, ...shape }: Shape): Pod {
  const { metadata, spec } = template(name, shape);
  return { metadata: { ...metadata, name }, spec };
}

/** A budget over the pods of one workload. */
export function budget(name: string, workload: string, minAvailable: number): PodDisruptionBudget {
  return { metadata: { name }, spec: { minAvailable, selector: { matchLabels: { app: workload } } } };
}
