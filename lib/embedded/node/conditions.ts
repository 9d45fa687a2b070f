/**
 * The conditions of a pod that are the node's to tell.
 *
 * @module
 */
import type { ContainerStatus, Pod, PodCondition } from "../../../k8s/core_v1.ts";
import type { Phase } from "./phase.ts";
import type { ContainerPlan, PodPlan } from "./plan.ts";
import { hasBegun, type PodView } from "./view.ts";

/** What conditions are derived from. */
export interface ConditionSources {
  readonly pod: Pod;
  readonly plan: PodPlan;
  readonly view: PodView;
  readonly phase: Phase;
  readonly statuses: ReadonlyMap<string, ContainerStatus>;
  /** Whether the pod has its address and its volumes. */
  readonly prepared: boolean;
}

/** A condition without its times. */
export type Verdict = Pick<PodCondition, "type" | "status" | "reason" | "message">;

/** All of the node's conditions, in the kubelet's order. */
export function conditionsOf(sources: ConditionSources): Verdict[] {
  const containersReady = containersReadyOf(sources);
  return [
    { type: "PodReadyToStartContainers", status: sources.prepared ? "True" : "False" },
    initializedOf(sources),
    readyOf(sources.pod, containersReady),
    containersReady,
    { type: "PodScheduled", status: "True" },
  ];
}

function initializedOf({ plan, view, phase, statuses }: ConditionSources): Verdict {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  const isDone = ({ kind, name }: ContainerPlan) => {
    const { started, ready } = statuses.get(name)!;
    return kind === "sidecar" ? started : ready;
  };
  const missing = plan.filter((one) => one.kind !== "main" && !isDone(one));
  if (missing.length === 0 || hasBegun(plan, view)) return { type, status: "True" };
  const message = `containers with incomplete status: ${named(missing)}`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}

function containersReadyOf({ plan, phase, statuses }: ConditionSources): Verdict {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const unready = plan.filter(({ kind, name }) => kind !== "init" && !statuses.get(name)!.ready);
  if (unready.length === 0) return { type, status: "True" };
  const message = `containers with unready status: ${named(unready)}`;
  return { type, status: "False", reason: "ContainersNotReady", message };
}

function readyOf({ spec, status }: Pod, containersReady: Verdict): Verdict {
  const type = "Ready";
  if (containersReady.status !== "True") return { ...containersReady, type };
  const missing = (spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = status?.conditions?.find((one) => one.type === conditionType);
    if (!gate) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (gate.status === "True") return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  if (missing.length === 0) return { type, status: "True" };
  return { type, status: "False", reason: "ReadinessGatesNotReady", message: missing.join(", ") };
}

function named(containers: readonly ContainerPlan[]): string {
  return `[${containers.map(({ name }) => name).join(" ")}]`;
}

/** Conditions with the time of their last change: it stays where only the reason is another. */
export function withTimes(
  verdicts: readonly Verdict[],
  before: readonly PodCondition[],
  now: string,
): PodCondition[] {
  return verdicts.map((verdict) => {
    const old = before.find(({ type }) => type === verdict.type);
    const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime ?? now : now;
    return { ...verdict, lastTransitionTime };
  });
}
