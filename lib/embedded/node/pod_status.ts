/**
 * A pod's status, from what its containers do.
 *
 * @module
 */
import type { Pod, PodCondition, PodStatus } from "../../../k8s/core_v1.ts";
import type { StrategicPatch } from "../../../k8s/patch.ts";
import { conditionsOf, withTimes } from "./conditions.ts";
import { containerStatus, timeOf } from "./container_status.ts";
import { phaseOf } from "./phase.ts";
import type { PodPlan } from "./plan.ts";
import type { PodView } from "./view.ts";

/** What a status is derived from. */
export interface StatusSources {
  readonly pod: Pod;
  readonly plan: PodPlan;
  readonly view: PodView;
  /** Nothing is started any more. */
  readonly over: boolean;
  readonly prepared: boolean;
  /** The pod's own address, once it has one. */
  readonly address: string | undefined;
  readonly hostIP: string;
  /** When the node first saw the pod, milliseconds since 1970. */
  readonly seenAt: number;
  /** The status told last: it keeps the times of conditions. */
  readonly before: PodStatus | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How the kubelet names a pod in messages. */
export function shownName({ metadata }: Pod): string {
  return `${metadata?.name}_${metadata?.namespace}(${metadata?.uid})`;
}

/** The node's part of a pod's status. */
export function podStatus(sources: StatusSources): PodStatus {
  const { pod, plan, view, over, address, hostIP, seenAt, prepared, before, now } = sources;
  const waitingFor = plan.some(({ kind }) => kind !== "main") ? "PodInitializing" : "ContainerCreating";
  const circumstances = { pod: shownName(pod), waitingFor, over } as const;
  const statuses = new Map(
    plan.map((one) => [one.name, containerStatus(one, view.get(one.name)!, circumstances)]),
  );
  const of = (main: boolean) =>
    plan.filter(({ kind }) => (kind === "main") === main).map(({ name }) => statuses.get(name)!);
  const phase = phaseOf(plan, view, over);
  const verdicts = conditionsOf({ pod, plan, view, phase, statuses, prepared });
  const generation = pod.metadata?.generation;
  return {
    phase,
    conditions: withTimes(verdicts, before?.conditions ?? pod.status?.conditions ?? [], timeOf(now)),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(address !== undefined && { podIP: address, podIPs: [{ ip: address }] }),
    startTime: timeOf(seenAt),
    ...(of(false).length > 0 && { initContainerStatuses: of(false) }),
    containerStatuses: of(true),
    ...(generation !== undefined && { observedGeneration: generation }),
  };
}

/**
 * The strategic merge patch that makes a pod's status ours, and leaves the conditions of others alone. What a
 * condition no longer says must be taken from it by name.
 *
 * @param before the conditions that are there
 */
export function statusPatch(status: PodStatus, before: readonly PodCondition[]): StrategicPatch<PodStatus> {
  const conditions = (status.conditions ?? []).map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    return {
      ...(old?.reason !== undefined && { reason: null }),
      ...(old?.message !== undefined && { message: null }),
      ...condition,
    };
  });
  return { ...status, conditions } as StrategicPatch<PodStatus>;
}
