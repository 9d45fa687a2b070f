/**
 * What a pod's spec says about the order and the life of its containers.
 *
 * @module
 */
import type { Container, Pod } from "../../../k8s/core_v1.ts";

/**
 * `init` containers run one after another before all else, `sidecar`s are init containers that stay, `main`
 * ones are what the pod is for.
 */
export type ContainerKind = "init" | "sidecar" | "main";

/** When a container that ended is started again. */
export type RestartPolicy = "Always" | "OnFailure" | "Never";

/** One container of a pod. */
export interface ContainerPlan {
  readonly name: string;
  readonly kind: ContainerKind;
  readonly restartPolicy: RestartPolicy;
  readonly spec: Container;
}

/** A pod's containers, in the order in which they are started. */
export type PodPlan = readonly ContainerPlan[];

/** Reads a pod's spec. */
export function planOf({ spec }: Pod): PodPlan {
  const policy = spec?.restartPolicy ?? "Always";
  const plan = (kind: ContainerKind, spec: Container): ContainerPlan => ({
    name: spec.name,
    kind,
    restartPolicy: (spec.restartPolicy ?? policy) as RestartPolicy,
    spec,
  });
  return [
    ...(spec?.initContainers ?? []).map((one) =>
      plan(one.restartPolicy === "Always" ? "sidecar" : "init", one)
    ),
    ...(spec?.containers ?? []).map((one) => plan("main", one)),
  ];
}

/** Whether a container that ended with this exit code is started again. */
export function restarts({ kind, restartPolicy }: ContainerPlan, code: number): boolean {
  if (restartPolicy === "Never") return false;
  // An init container has done its work when it succeeds.
  return restartPolicy === "Always" && kind !== "init" || code !== 0;
}
