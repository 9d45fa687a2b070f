/**
 * Pods and their containers, for tests of decisions about them.
 *
 * @module
 */
import type { Container, Pod, PodSpec } from "../../../k8s/core_v1.ts";
import type { PodFacts } from "../../../lib/embedded/node/field_ref.ts";
import { planOf, type PodPlan } from "../../../lib/embedded/node/plan.ts";
import type { ContainerState, ContainerView, Ended, PodView } from "../../../lib/embedded/node/view.ts";

/** A pod named `shop/web`. */
export function podWith(spec: Partial<PodSpec> = {}, metadata: Pod["metadata"] = {}): Pod {
  return {
    metadata: { name: "web", namespace: "shop", uid: "web-uid", ...metadata },
    spec: { containers: [container("app")], ...spec },
  };
}

/** A container. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: "web:1", ...more };
}

/** A native sidecar. */
export function sidecar(name: string): Container {
  return container(name, { restartPolicy: "Always" });
}

/** What is known of `shop/web` beside its object. */
export const facts: PodFacts = {
  podIP: "127.9.9.2",
  hostIP: "127.9.9.1",
  capacity: { cpu: "4", memory: "8Gi" },
};

/** A pod with an init container, a sidecar and two main containers. */
export function fullPlan(restartPolicy: string = "Always"): PodPlan {
  return planOf(podWith({
    restartPolicy,
    initContainers: [container("init"), sidecar("proxy")],
    containers: [container("app"), container("helper")],
  }));
}

/** How a run ended. */
export function end(code: number): Ended {
  return {
    code,
    reason: code === 0 ? "Completed" : "Error",
    startedAt: 0,
    finishedAt: 1000,
    id: "process://1",
  };
}

/** States of containers, in short. */
export const is = {
  fresh: { is: "new" },
  running: { is: "running", id: "process://1", startedAt: 0, started: true, ready: true },
  starting: { is: "running", id: "process://1", startedAt: 0, started: false, ready: false },
  refused: { is: "refused", reason: "CreateContainerConfigError", message: "no", tryAfter: 100 },
  ended: (code: number, delay: number = 0): ContainerState => ({
    is: "ended",
    end: end(code),
    delay,
    restartAfter: delay,
  }),
} as const;

/** A container's view: only its state, or more. */
export type Shown = ContainerState | (Partial<ContainerView> & { readonly state: ContainerState });

/** A view of a pod's containers; those that are not named are new. */
export function viewOf(plan: PodPlan, shown: Readonly<Record<string, Shown>>): PodView {
  const usual = { busy: false, restarts: 0 };
  return new Map(plan.map(({ name }): [string, ContainerView] => {
    const one = shown[name] ?? is.fresh;
    return [name, "state" in one ? { ...usual, ...one } : { ...usual, state: one }];
  }));
}
