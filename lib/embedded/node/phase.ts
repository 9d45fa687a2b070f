/**
 * A pod's phase.
 *
 * @module
 */
import { type ContainerPlan, type PodPlan, restarts } from "./plan.ts";
import { type ContainerView, type Ended, hasBegun, type PodView } from "./view.ts";

/** Where a pod is in its life (core/v1 PodStatus). */
export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** The phase that a pod's containers amount to. @param over whether nothing is started any more */
export function phaseOf(plan: PodPlan, view: PodView, over: boolean): Phase {
  const of = (...kinds: ContainerPlan["kind"][]) => plan.filter(({ kind }) => kinds.includes(kind));
  const viewOf = ({ name }: ContainerPlan) => view.get(name)!;
  if (of("init").some((one) => hasFailedForGood(one, viewOf(one)))) return "Failed";
  if (!hasBegun(plan, view) && of("init", "sidecar").some((one) => isBeingInitialized(one, viewOf(one)))) {
    return "Pending";
  }
  const waits = (one: ContainerPlan) => !isUp(viewOf(one)) && endOf(viewOf(one)) === undefined;
  if (of("main", "sidecar").some(waits)) return "Pending";
  if (of("main", "sidecar").some((one) => isUp(viewOf(one)))) return "Running";
  const codes = of("main").map((one) => [one, endOf(viewOf(one))!.code] as const);
  if (!over && codes.some(([one, code]) => restarts(one, code))) return "Running";
  return codes.every(([, code]) => code === 0) ? "Succeeded" : "Failed";
}

/** How the present run, or where there is none, the last one ended. */
function endOf({ state, last }: ContainerView): Ended | undefined {
  return state.is === "ended" ? state.end : last;
}

function isUp({ state }: ContainerView): boolean {
  return state.is === "running";
}

function hasFailedForGood(one: ContainerPlan, { state }: ContainerView): boolean {
  return state.is === "ended" && state.end.code !== 0 && !restarts(one, state.end.code);
}

function isBeingInitialized({ kind }: ContainerPlan, view: ContainerView): boolean {
  const { state } = view;
  if (kind === "sidecar") return state.is === "running" ? !state.started : endOf(view) === undefined;
  return state.is === "running" || endOf(view)?.code !== 0;
}
