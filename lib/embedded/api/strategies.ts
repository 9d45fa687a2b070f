/**
 * How kinds differ in being written.
 *
 * @module
 */
import type { ApiObject } from "./objects.ts";
import { sameJson } from "./objects.ts";
import type { Resource } from "./resources.ts";

/** What is special about a kind. */
interface Strategy {
  /** The status of a new object; without it, the one that was sent. */
  readonly newStatus?: Readonly<Record<string, unknown>>;
  /** A PUT to a name that is not there creates it. */
  readonly createsOnUpdate?: boolean;
  /** A PUT must name the version that it replaces. */
  readonly needsVersion?: boolean;
  /** A DELETE answers with the object rather than a Status. */
  readonly answersWithObject?: boolean;
  /** Whether `metadata.generation` counts changes of this kind's spec, and of what else. */
  readonly generation?: "spec" | "spec and annotations";
}

const counts = { newStatus: {}, generation: "spec" } as const;

const strategies: Readonly<Record<string, Strategy>> = {
  pods: {
    newStatus: { phase: "Pending", qosClass: "BestEffort" },
    answersWithObject: true,
    generation: "spec",
  },
  namespaces: { newStatus: { phase: "Active" } },
  services: { newStatus: { loadBalancer: {} }, answersWithObject: true },
  events: { createsOnUpdate: true },
  "leases.coordination.k8s.io": { createsOnUpdate: true, needsVersion: true },
  "deployments.apps": { ...counts, generation: "spec and annotations" },
  "replicasets.apps": { newStatus: { replicas: 0 }, generation: "spec" },
  "statefulsets.apps": { newStatus: { replicas: 0, availableReplicas: 0 }, generation: "spec" },
  "daemonsets.apps": {
    newStatus: {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
    generation: "spec",
  },
  "poddisruptionbudgets.policy": {
    newStatus: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    generation: "spec",
    needsVersion: true,
  },
};

/** What is special about a resource's kind. */
export function strategyOf({ storage }: Resource): Strategy {
  return strategies[storage] ?? {};
}

/** The generation that an object has after a change. */
export function generationAfter(resource: Resource, before: ApiObject, after: ApiObject): number | undefined {
  const { generation } = strategyOf(resource);
  const held = before.metadata.generation;
  if (!generation) return held;
  const changed = !sameJson(before.spec, after.spec) ||
    (generation === "spec and annotations" &&
      !sameJson(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}));
  return changed ? (held ?? 0) + 1 : held;
}
