/**
 * Pods as an API server would hold them, and what becomes of them when they are patched.
 *
 * @module
 */
import type { Container, ContainerStatus, Pod } from "../../../k8s/core_v1.ts";
import { key, type StringMap } from "../../../lib/contract/keys.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { byteLength } from "../../../lib/contract/text.ts";
import type { PodPatch } from "../../../lib/watchdog/prober/decide.ts";
import { podReader, type PodReading, type ProbedPod } from "../../../lib/watchdog/prober/pod.ts";

/** How the tests' prober reads pods, where a test does not say otherwise. */
export const reading: PodReading = {
  defaults: { interval: 30_000, timeout: 5_000 },
  probeHostNetwork: false,
  fieldManager: fieldManager.watchdogprober,
};

/** What a test cares about in a pod. */
export interface PodSketch {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly annotations?: StringMap;
  readonly labels?: StringMap;
  /** Names of statuses that the prober wrote. */
  readonly ours?: readonly string[];
  readonly spec?: Partial<NonNullable<Pod["spec"]>>;
  readonly status?: NonNullable<Pod["status"]>;
}

/** A container that says nothing but its name. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, ...more };
}

/** A running, ready pod with one container, but for what the sketch says. */
export function makePod(sketch: PodSketch = {}): Pod {
  const { name = "web-1", namespace = "shop", uid = "uid-1", resourceVersion = "1", ours = [] } = sketch;
  const annotations = { ...sketch.annotations };
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      annotations,
      labels: { ...sketch.labels },
      managedFields: managed(ours.map((name) => `status.autocrane.io/${name}`)),
    },
    spec: { containers: [container("app")], ...sketch.spec },
    status: {
      phase: "Running",
      podIP: "10.0.0.1",
      startTime: "2026-01-31T11:00:00Z",
      containerStatuses: [readiness("app", true)],
      ...sketch.status,
    },
  };
}

/** A container's status with what readiness needs. */
export function readiness(name: string, ready: boolean): ContainerStatus {
  return { name, ready, image: "", imageID: "", restartCount: 0 };
}

function managed(annotations: readonly string[]) {
  const fields = Object.fromEntries(annotations.map((name) => [`f:${name}`, {}]));
  return [{
    manager: fieldManager.watchdogprober,
    operation: "Update",
    fieldsV1: { "f:metadata": { "f:annotations": fields } },
  }];
}

/** What the prober keeps of a pod. */
export function read(pod: Pod, changed: Partial<PodReading> = {}): ProbedPod {
  const kept = podReader({ ...reading, ...changed })(pod);
  if (!kept) throw new Error("the prober keeps nothing of this pod");
  return kept;
}

/** The pod after a merge patch by the prober, with the managedFields that an API server would keep. */
export function patched(pod: Pod, { annotations, labels }: Pick<PodPatch, "annotations" | "labels">): Pod {
  const before = pod.metadata?.managedFields?.[0]?.fieldsV1 as { "f:metadata": Record<string, StringMap> };
  const owned = Object.keys(before["f:metadata"]["f:annotations"]!).map((field) => field.slice(2));
  const written = Object.keys(annotations);
  const after = merged(pod.metadata?.annotations ?? {}, annotations);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      resourceVersion: String(Number(pod.metadata?.resourceVersion) + 1),
      annotations: after,
      labels: merged(pod.metadata?.labels ?? {}, labels),
      managedFields: managed([...new Set([...owned, ...written])].filter((name) => name in after)),
    },
  };
}

function merged(held: StringMap, changes: Readonly<Record<string, string | null>>): Record<string, string> {
  const after: Record<string, string> = { ...held };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete after[name];
    else after[name] = value;
  }
  return after;
}

/** Bytes that all annotations of a pod take, as the API server counts them. */
export function annotationBytes(pod: Pod): number {
  return Object.entries(pod.metadata?.annotations ?? {})
    .reduce((sum, [name, value]) => sum + byteLength(name) + byteLength(value), 0);
}

/** The health label that a pod has. */
export function labelOf(pod: Pod): string | undefined {
  return pod.metadata?.labels?.[key.health];
}
