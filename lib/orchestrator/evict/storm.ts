/**
 * The storm breaker: when most of a namespace fails at once, its pods are not what is broken.
 *
 * @module
 */
import type { Limits, Model } from "./model.ts";

/** The namespaces in which nothing is evicted for now, and why in words. */
export function stormsIn(model: Model, limits: Limits): Map<string, string> {
  const namespaces = new Map<string, { pods: number; failing: number; workloads: Set<string> }>();
  for (const { pod, workload, failures } of model.pods) {
    if (!pod.canFail || pod.terminating || pod.finished) continue;
    const counts = namespaces.get(pod.namespace) ?? { pods: 0, failing: 0, workloads: new Set<string>() };
    namespaces.set(pod.namespace, counts);
    counts.pods++;
    if (failures.length === 0) continue;
    counts.failing++;
    counts.workloads.add(workload?.uid ?? pod.uid);
  }
  const storms = new Map<string, string>();
  for (const [namespace, { pods, failing, workloads }] of namespaces) {
    const most = failing * 100 > pods * limits.stormPercent;
    if (!most || failing < limits.stormMinPods || workloads.size < 2) continue;
    storms.set(
      namespace,
      `${failing} of ${pods} pods in ${namespace} fail at once (more than ${limits.stormPercent} %): ` +
        "this looks like a fault of the cluster, not of its pods",
    );
  }
  return storms;
}
