/**
 * Evictions (policy/v1 Eviction): deletions that disruption budgets may refuse.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import type { DeleteOptions } from "../../../k8s/meta_v1.ts";
import type { PodDisruptionBudget } from "../../../k8s/policy_v1.ts";
import { matches } from "../../kube/label_selector.ts";
import { deleteOptionsIn } from "./delete_options.ts";
import { remove } from "./deletion.ts";
import { ApiError, badRequest, notFound } from "./errors.ts";
import type { Ground } from "./ground.ts";
import { about, type ApiObject, keyAt, type Place, timestamp } from "./objects.ts";
import { resourceAt } from "./resources.ts";
import { change, type WriteOptions } from "./writes.ts";

const budgets = resourceAt("policy", "v1", "poddisruptionbudgets")!;

/** Evicted pods whose end a budget has not seen yet, at most. */
const mostDisrupted = 2000;

/** The answer to an eviction that happens. */
const done = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

/**
 * Evicts a pod.
 *
 * @param sent the Eviction
 * @returns the answer, a Status
 * @throws ApiError 429 where a budget refuses, 500 where several budgets select the pod, 404, 409
 */
export function evict(ground: Ground, place: Place, sent: unknown, options: WriteOptions): object {
  const deleteOptions = optionsIn(sent, place);
  const dryRun = options.dryRun || (deleteOptions.dryRun ?? []).includes("All");
  const object = ground.store.get(place.resource.storage, keyAt(place));
  if (!object) throw notFound(about(place));
  const pod = object as unknown as Pod;
  // All that could refuse the deletion is asked before the budget is charged for it.
  remove(ground, place, deleteOptions, true);
  const budget = needsNoBudget(pod) ? undefined : budgetOf(ground, pod);
  if (budget && !mayGoUnhealthy(pod, budget)) charge(ground, place, budget, { ...options, dryRun });
  if (!dryRun) end(ground, place, deleteOptions, options);
  return done;
}

function optionsIn(sent: unknown, { name }: Place): DeleteOptions {
  const eviction = sent as { metadata?: { name?: string }; deleteOptions?: unknown } | undefined;
  if (eviction?.metadata?.name !== name) {
    throw badRequest("name in URL does not match name in Eviction object");
  }
  return deleteOptionsIn(eviction.deleteOptions);
}

/** A pod that does not run, or is on its way out, disrupts nothing by going. */
function needsNoBudget({ metadata, status }: Pod): boolean {
  return ["Succeeded", "Failed", "Pending"].includes(status?.phase ?? "") ||
    metadata?.deletionTimestamp !== undefined;
}

function budgetOf({ store }: Ground, { metadata }: Pod): PodDisruptionBudget | undefined {
  const all = store.list(budgets.storage, metadata?.namespace) as unknown as PodDisruptionBudget[];
  const selecting = all.filter(({ spec }) =>
    spec?.selector && matches(spec.selector, metadata?.labels ?? {})
  );
  if (selecting.length > 1) {
    throw new ApiError(
      500,
      "InternalError",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  }
  return selecting[0];
}

/** A pod that is not Ready may go without the budget's leave, if its policy or the budget's health allow it. */
function mayGoUnhealthy({ status }: Pod, { spec, status: budget }: PodDisruptionBudget): boolean {
  const ready = (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");
  if (ready) return false;
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  return (budget?.currentHealthy ?? 0) >= (budget?.desiredHealthy ?? 0) && (budget?.desiredHealthy ?? 0) > 0;
}

/** Takes one disruption off the budget. */
function charge(ground: Ground, pod: Place, budget: PodDisruptionBudget, options: WriteOptions): void {
  const { name = "", namespace, generation = 0 } = budget.metadata ?? {};
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = budget.status ?? {};
  if (observedGeneration < generation) {
    throw refused(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if (Object.keys(disruptedPods).length > mostDisrupted) {
    throw refused(`The disruption budget ${name} has too many evicted pods that it has not seen gone.`, 10);
  }
  if (disruptionsAllowed <= 0) {
    const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
    throw refused(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  const evictedAt = timestamp(ground.clock.now());
  const status = {
    ...budget.status,
    disruptionsAllowed: disruptionsAllowed - 1,
    disruptedPods: { ...disruptedPods, [pod.name]: evictedAt },
  };
  const place: Place = { resource: budgets, namespace: namespace!, name };
  change(ground, place, (now) => ({ ...now, status }), { ...options, subresource: "status" }, true);
}

function refused(why: string, retryAfterSeconds = 0): ApiError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const causes = [{ reason: "DisruptionBudget", message: why }];
  return new ApiError(429, "TooManyRequests", message, {
    causes,
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  });
}

/** Says on the pod why it ends, and ends it. */
function end(ground: Ground, place: Place, deleteOptions: DeleteOptions, options: WriteOptions): void {
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: timestamp(ground.clock.now()),
  };
  const marked = (now: ApiObject): ApiObject => {
    const conditions = ((now.status?.conditions ?? []) as { type: string }[]).filter(({ type }) =>
      type !== condition.type
    );
    return { ...now, status: { ...now.status, conditions: [...conditions, condition] } };
  };
  change(ground, place, marked, { ...options, subresource: "status" }, true);
  // The version was checked; the condition has just moved it.
  const { uid } = deleteOptions.preconditions ?? {};
  remove(ground, place, { ...deleteOptions, preconditions: uid === undefined ? undefined : { uid } }, false);
}
