/**
 * The kinds that controllers speak of, as references name them.
 *
 * @module
 */

/** A kind with its group and version. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** By a short name. */
export const kinds = {
  pod: { apiVersion: "v1", kind: "Pod" },
  deployment: { apiVersion: "apps/v1", kind: "Deployment" },
  replicaSet: { apiVersion: "apps/v1", kind: "ReplicaSet" },
  budget: { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
} as const satisfies Record<string, KindName>;
