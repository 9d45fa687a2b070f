/**
 * How many pods a PodDisruptionBudget allows to lose now.
 *
 * @module
 */
import type { Pod } from "../../../../k8s/core_v1.ts";
import type { Condition } from "../../../../k8s/meta_v1.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from "../../../../k8s/policy_v1.ts";
import { timestamp } from "../../api/objects.ts";
import { isReady } from "../objects/pods.ts";
import { portionOf } from "../objects/portion.ts";
import { withoutZeros } from "../objects/status.ts";
import { type DisruptedPods, disruptionsOf, willGo } from "./disrupted.ts";
import { expectedScale, type Workloads } from "./scales.ts";

/** A status, and what else a look at a budget showed. */
export interface BudgetReport {
  readonly status: PodDisruptionBudgetStatus;
  /** Pods that were to go and did not. */
  readonly stayed: readonly Pod[];
  /** Names of pods that nobody manages, where that makes the numbers doubtful. */
  readonly unmanaged: readonly string[];
  /** Milliseconds after which to look again though nothing changes. */
  readonly again?: number;
}

/** How many pods there should be, and how many of them must be healthy. */
interface Expectation {
  readonly pods: number;
  readonly healthy: number;
  readonly unmanaged: readonly string[];
}

/**
 * Reports a budget.
 *
 * @param pods those that it selects
 * @param now milliseconds since 1970
 * @throws Error where the scale of a pod's controller is not known
 */
export function reportOf(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  workloads: Workloads,
  now: number,
): BudgetReport {
  const expected = expectationOf(budget, pods, workloads);
  const { waiting, stayed, again } = disruptionsOf(budget.status?.disruptedPods, pods, now);
  const healthy = healthyOf(pods, waiting, now);
  const spare = expected.pods > 0 ? Math.max(0, healthy - expected.healthy) : 0;
  const status: PodDisruptionBudgetStatus = {
    observedGeneration: budget.metadata?.generation,
    ...(Object.keys(waiting).length > 0 && { disruptedPods: waiting }),
    disruptionsAllowed: spare,
    currentHealthy: healthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.pods,
    conditions: withAllowed(budget, spare, now),
  };
  const kept = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const;
  return { status: withoutZeros(status, kept), stayed, unmanaged: expected.unmanaged, again };
}

/** The status of a budget whose numbers cannot be told: nothing may be lost. */
export function failedStatus(
  budget: PodDisruptionBudget,
  message: string,
  now: number,
): PodDisruptionBudgetStatus {
  const { observedGeneration } = budget.status ?? {};
  const saying = { status: "False", reason: "SyncFailed", message, observedGeneration };
  return {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...budget.status,
    disruptionsAllowed: 0,
    conditions: withAllowedCondition(budget.status?.conditions ?? [], saying, now),
  };
}

function expectationOf(
  { spec = {} }: PodDisruptionBudget,
  pods: readonly Pod[],
  workloads: Workloads,
): Expectation {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined) {
    const scale = expectedScale(pods, workloads);
    return { ...scale, healthy: Math.max(0, scale.pods - portionOf(maxUnavailable, scale.pods, "up")) };
  }
  if (typeof minAvailable !== "string") {
    return { pods: minAvailable === undefined ? 0 : pods.length, healthy: minAvailable ?? 0, unmanaged: [] };
  }
  const scale = expectedScale(pods, workloads);
  return { ...scale, healthy: portionOf(minAvailable, scale.pods, "up") };
}

function healthyOf(pods: readonly Pod[], waiting: DisruptedPods, now: number): number {
  return pods.filter((pod) => !pod.metadata?.deletionTimestamp && !willGo(waiting, pod, now) && isReady(pod))
    .length;
}

function withAllowed({ metadata, status }: PodDisruptionBudget, spare: number, now: number): Condition[] {
  const [state, reason] = spare > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
  const observedGeneration = metadata?.generation;
  const saying = { status: state!, reason: reason!, message: "", observedGeneration };
  return withAllowedCondition(status?.conditions ?? [], saying, now);
}

/**
 * The conditions, with what DisruptionAllowed says now. Its time is that of the last change of its status.
 */
function withAllowedCondition(
  conditions: readonly Condition[],
  saying: Omit<Condition, "type" | "lastTransitionTime">,
  now: number,
): Condition[] {
  const type = "DisruptionAllowed";
  const held = conditions.find((one) => one.type === type);
  const lastTransitionTime = held?.status === saying.status ? held.lastTransitionTime : timestamp(now);
  const condition = { type, ...saying, lastTransitionTime };
  return held ? conditions.map((one) => (one === held ? condition : one)) : [...conditions, condition];
}
