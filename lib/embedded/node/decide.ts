/**
 * What a pod's containers need done now.
 *
 * @module
 */
import { type ContainerPlan, type PodPlan, restarts } from "./plan.ts";
import { type ContainerView, type Failing, hasBegun, type PodView } from "./view.ts";

/** Why a running container is ended: its pod is deleted, the pod's work is done, or a probe failed. */
export type WhyStop = "deleted" | "done" | Failing;

/** One thing to do. `finish`: nothing runs any more, and nothing will. */
export type Step =
  | { readonly do: "start"; readonly container: string }
  | { readonly do: "stop"; readonly container: string; readonly why: WhyStop }
  | { readonly do: "finish" };

/** What to do now, and when to look again at the latest. */
export interface Decision {
  readonly steps: readonly Step[];
  /** The pod's work is over: no container is started any more. */
  readonly over: boolean;
  /** By the monotonic clock; `undefined` where only a change can bring something to do. */
  readonly lookAgainAt: number | undefined;
}

/** What is known beside the containers. */
export interface Circumstances {
  /** The pod is deleted. */
  readonly deleted: boolean;
  /** The monotonic clock. */
  readonly now: number;
}

/** Decides for one pod. Pure: the same view gives the same answer. */
export function decide(plan: PodPlan, view: PodView, { deleted, now }: Circumstances): Decision {
  const why = deleted ? "deleted" : isDone(plan, view) ? "done" : undefined;
  if (why) return { steps: windDown(plan, view, why), over: true, lookAgainAt: undefined };
  const idle = wanted(plan, view).filter(({ name }) => isIdle(view.get(name)!));
  const startAfter = new Map(idle.map(({ name }) => [name, mayStartAfter(view.get(name)!)]));
  const due = idle.filter(({ name }) => startAfter.get(name)! <= now);
  const later = [...startAfter.values()].filter((at) => at > now);
  return {
    steps: [
      ...failing(plan, view),
      ...due.map(({ name }): Step => ({ do: "start", container: name })),
    ],
    over: false,
    lookAgainAt: later.length > 0 ? Math.min(...later) : undefined,
  };
}

/** Whether the pod has nothing left to do: its main containers are through, or it can never come to them. */
function isDone(plan: PodPlan, view: PodView): boolean {
  const through = (one: ContainerPlan) => {
    const { state, busy } = view.get(one.name)!;
    return state.is === "ended" && !busy && !restarts(one, state.end.code);
  };
  const failed = (one: ContainerPlan) => {
    const { state } = view.get(one.name)!;
    return state.is === "ended" && state.end.code !== 0 && through(one);
  };
  return plan.some((one) => one.kind === "init" && failed(one)) ||
    plan.filter(({ kind }) => kind === "main").every(through);
}

/** Main and init containers end together; then the sidecars, the last one first. */
function windDown(plan: PodPlan, view: PodView, why: WhyStop): Step[] {
  const up = plan.filter(({ name }) => isUp(view.get(name)!));
  if (up.length === 0) return [{ do: "finish" }];
  const others = up.filter(({ kind }) => kind !== "sidecar");
  const turn = others.length > 0 ? others : up.slice(-1);
  return turn.filter(({ name }) => !view.get(name)!.busy)
    .map(({ name }) => ({ do: "stop", container: name, why }));
}

/** The containers that should be running now, as far as the order of their start has come. */
function wanted(plan: PodPlan, view: PodView): ContainerPlan[] {
  const begun = hasBegun(plan, view);
  const found: ContainerPlan[] = [];
  for (const one of plan) {
    const { state } = view.get(one.name)!;
    const ended = state.is === "ended" ? state.end : undefined;
    if (one.kind === "init" && (begun || ended?.code === 0)) continue;
    if (!ended || restarts(one, ended.code)) found.push(one);
    if (begun || one.kind === "main") continue;
    const passed = one.kind === "sidecar" && state.is === "running" && state.started;
    if (!passed) break;
  }
  return found;
}

/** Containers whose probes say that they must be ended, so that they can be started again. */
function failing(plan: PodPlan, view: PodView): Step[] {
  return plan.flatMap(({ name }): Step[] => {
    const { state, busy } = view.get(name)!;
    if (state.is !== "running" || state.failing === undefined || busy) return [];
    return [{ do: "stop", container: name, why: state.failing }];
  });
}

function isUp({ state, busy }: ContainerView): boolean {
  return state.is === "running" || busy;
}

function isIdle(view: ContainerView): boolean {
  return !isUp(view);
}

function mayStartAfter({ state }: ContainerView): number {
  if (state.is === "refused") return state.tryAfter;
  return state.is === "ended" ? state.restartAfter : -Infinity;
}
