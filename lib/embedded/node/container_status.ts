/**
 * A container's status, as `kubectl get pod -o yaml` shows it.
 *
 * @module
 */
import type { ContainerState, ContainerStatus } from "../../../k8s/core_v1.ts";
import { goSeconds } from "./go_format.ts";
import { type ContainerPlan, restarts } from "./plan.ts";
import type { ContainerView, Ended } from "./view.ts";

/** What a container's status depends on beside the container. */
export interface PodCircumstances {
  /** `web_shop(1234-...)`: how the kubelet names pods in messages. */
  readonly pod: string;
  /** Why a container that was never tried waits. */
  readonly waitingFor: "ContainerCreating" | "PodInitializing";
  /** Nothing is started any more. */
  readonly over: boolean;
}

/** The status of one container. */
export function containerStatus(
  plan: ContainerPlan,
  view: ContainerView,
  circumstances: PodCircumstances,
): ContainerStatus {
  const { state, restarts: restartCount } = view;
  const running = state.is === "running" ? state : undefined;
  const id = running?.id ?? (state.is === "ended" ? state.end.id : view.last?.id);
  return {
    name: plan.name,
    image: plan.spec.image ?? "",
    imageID: "",
    ready: plan.kind === "init" ? hasSucceeded(view) : running?.ready ?? false,
    started: running?.started ?? false,
    restartCount,
    ...statesOf(plan, view, circumstances),
    ...(id !== undefined && { containerID: id }),
  };
}

function hasSucceeded({ state }: ContainerView): boolean {
  return state.is === "ended" && state.end.code === 0;
}

function statesOf(
  plan: ContainerPlan,
  { state, last }: ContainerView,
  { pod, waitingFor, over }: PodCircumstances,
): { state: ContainerState; lastState: ContainerState } {
  const lastState = last ? { terminated: terminated(last) } : {};
  switch (state.is) {
    case "new":
      return { state: { waiting: { reason: waitingFor } }, lastState };
    case "refused":
      return { state: { waiting: { reason: state.reason, message: state.message } }, lastState };
    case "running":
      return { state: { running: { startedAt: timeOf(state.startedAt) } }, lastState };
    case "ended": {
      const end = { terminated: terminated(state.end) };
      const waits = !over && state.delay > 0 && restarts(plan, state.end.code);
      if (!waits) return { state: end, lastState };
      const delay = goSeconds(Math.round(state.delay / 1000));
      const message = `back-off ${delay} restarting failed container=${plan.name} pod=${pod}`;
      return { state: { waiting: { reason: "CrashLoopBackOff", message } }, lastState: end };
    }
  }
}

function terminated(end: Ended): NonNullable<ContainerState["terminated"]> {
  const { code, signal, reason, message, startedAt, finishedAt, id } = end;
  return {
    exitCode: code,
    reason,
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(finishedAt),
    ...(signal !== undefined && { signal }),
    ...(message !== undefined && { message }),
    ...(id !== undefined && { containerID: id }),
  };
}

/** A time as Kubernetes writes it (meta/v1 Time): UTC, whole seconds. */
export function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
