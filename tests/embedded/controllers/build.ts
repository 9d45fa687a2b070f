/**
 * Small builders: objects as an API server gives them, and whatever a test changes of them.
 *
 * @module
 */
import type { Deployment, DeploymentSpec, ReplicaSet } from "../../../k8s/apps_v1.ts";
import type { Node, Pod, PodCondition, PodTemplateSpec } from "../../../k8s/core_v1.ts";
import type { ObjectMeta, OwnerReference } from "../../../k8s/meta_v1.ts";
import { timestamp } from "../../../lib/embedded/api/objects.ts";

/** The moment at which the examples play. */
export const noon = Date.parse("2026-01-31T12:00:00Z");

/** Milliseconds. */
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** A time so many milliseconds before noon, as API servers write it. */
export function before(ms: number): string {
  return timestamp(noon - ms);
}

/** What a test says of a pod. */
export interface PodChanges extends ObjectMeta {
  readonly node?: string;
  readonly phase?: string;
  /** How long it has been ready at noon, milliseconds; unset where it is not. */
  readonly readyFor?: number;
  readonly conditions?: readonly PodCondition[];
  readonly restarts?: number;
  readonly spec?: Partial<Pod["spec"]>;
}

/** A pod that runs on a node and is ready. */
export function pod(name: string, changes: PodChanges = {}): Pod {
  const {
    node = "node-1",
    phase = "Running",
    readyFor = minute,
    conditions = [],
    restarts = 0,
    spec,
    ...more
  } = changes;
  const ready: PodCondition[] = "readyFor" in changes && changes.readyFor === undefined
    ? [{ type: "Ready", status: "False" }]
    : [{ type: "Ready", status: "True", lastTransitionTime: before(readyFor) }];
  return {
    metadata: metadataOf(name, { labels: { app: "web" }, ...more }),
    spec: { containers: [{ name: "app", image: "app" }], ...(node && { nodeName: node }), ...spec },
    status: {
      phase,
      conditions: [...ready, ...conditions],
      containerStatuses: [{
        name: "app",
        image: "app",
        imageID: "",
        ready: true,
        restartCount: restarts,
      }],
    },
  };
}

/** The identity of an object in the namespace `shop`, an hour old. */
export function metadataOf(name: string, changes: ObjectMeta = {}): ObjectMeta {
  return { name, namespace: "shop", uid: `${name}-uid`, creationTimestamp: before(hour), ...changes };
}

/** What a pod template says whose image has this tag. */
export function template(tag: string | number = 1, labels: Record<string, string> = {}): PodTemplateSpec {
  return {
    metadata: { labels: { app: "web", ...labels } },
    spec: { containers: [{ name: "app", image: `app:${tag}` }] },
  };
}

/** What a test says of a Deployment. */
export interface DeploymentChanges extends ObjectMeta {
  readonly spec?: Partial<DeploymentSpec>;
  readonly status?: Deployment["status"];
}

/** A Deployment of three pods, with the defaults of an API server. */
export function deployment({ spec, status = {}, ...more }: DeploymentChanges = {}): Deployment {
  return {
    metadata: metadataOf("web", { generation: 1, ...more }),
    spec: {
      replicas: 3,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      selector: { matchLabels: { app: "web" } },
      template: template(),
      ...spec,
    },
    status,
  };
}

/** What a test says of a ReplicaSet. */
export interface ReplicaSetChanges extends ObjectMeta {
  readonly replicas?: number;
  /** How many of its pods are there, ready and available. */
  readonly running?: number;
  readonly tag?: string | number;
  readonly minReadySeconds?: number;
  readonly status?: Partial<NonNullable<ReplicaSet["status"]>>;
}

/** A ReplicaSet of the Deployment `web` whose pods all run. */
export function replicaSet(name: string, changes: ReplicaSetChanges = {}): ReplicaSet {
  const { replicas = 3, running = replicas, tag = 1, minReadySeconds, status, ...more } = changes;
  const labels = { "pod-template-hash": name };
  const counts = { replicas: running, readyReplicas: running, availableReplicas: running };
  return {
    metadata: metadataOf(`web-${name}`, {
      generation: 1,
      labels: { app: "web", ...labels },
      ownerReferences: [ownedBy("Deployment", "web")],
      ...more,
    }),
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: { app: "web", ...labels } },
      template: template(tag, labels),
    },
    status: { ...counts, terminatingReplicas: 0, observedGeneration: 1, ...status },
  };
}

/** That an object's controller is of this kind and name. */
export function ownedBy(kind: string, name: string, changes: Partial<OwnerReference> = {}): OwnerReference {
  const apiVersion = "apps/v1";
  return {
    apiVersion,
    kind,
    name,
    uid: `${name}-uid`,
    controller: true,
    blockOwnerDeletion: true,
    ...changes,
  };
}

/** A node that is Ready. */
export function node(name: string, changes: { spec?: Node["spec"]; status?: Node["status"] } = {}): Node {
  return {
    metadata: { name, uid: `${name}-uid`, labels: { "kubernetes.io/hostname": name } },
    spec: {},
    status: { conditions: [{ type: "Ready", status: "True" }], ...changes.status },
    ...(changes.spec && { spec: changes.spec }),
  };
}
