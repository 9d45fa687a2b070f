import { deepEqual, equal, match } from "node:assert/strict";
import { stormsIn } from "../../../lib/orchestrator/evict/storm.ts";
import type { ObservedPod } from "../../../lib/orchestrator/evict/model.ts";
import type { JudgedPod } from "../../../lib/orchestrator/pod.ts";
import { failingPod, limits, model, observed, pod, watchdog, workload } from "../build.ts";

/** Pods of two workloads in turn, the first ones failing. */
function crowd(failing: number, healthy: number, changes: Partial<JudgedPod> = {}): ObservedPod[] {
  return Array.from({ length: failing + healthy }, (_, index) => {
    const name = `${changes.namespace ?? "shop"}-${index}`;
    const one = index < failing ? failingPod({ ...changes, name }) : pod({ ...changes, name });
    return observed(one, workload({ name: index % 2 ? "web" : "api" }));
  });
}

/** The namespaces that are in a storm. */
function storms(pods: readonly ObservedPod[], changes: Partial<typeof limits> = {}): string[] {
  return [...stormsIn(model(pods), { ...limits, ...changes }).keys()];
}

Deno.test("a namespace of which exactly half fails is in no storm", () => {
  deepEqual(storms(crowd(5, 5)), []);
});

Deno.test("a namespace of which more than half fails is in a storm", () => {
  deepEqual(storms(crowd(6, 5)), ["shop"]);
});

Deno.test("fewer failing pods than the least number are no storm, even if they are all there is", () => {
  deepEqual(storms(crowd(4, 0)), []);
  deepEqual(storms(crowd(5, 0)), ["shop"]);
});

Deno.test("the failing pods of one workload are no storm, however many", () => {
  const pods = crowd(20, 0).map(({ pod }) => observed(pod, workload()));
  deepEqual(storms(pods), []);
});

Deno.test("healthy pods of a second workload do not make a storm of one broken workload", () => {
  const broken = crowd(20, 0).map(({ pod }) => observed(pod, workload()));
  const healthy = observed(pod({ name: "api-1" }), workload({ name: "api" }));
  deepEqual(storms([...broken, healthy]), []);
});

Deno.test("pods without a workload count as one workload each", () => {
  const alone = crowd(5, 0).map(({ pod, failures }) => ({ pod, failures, workload: undefined }));
  deepEqual(storms(alone), ["shop"]);
});

Deno.test("a pod whose watchdogs never evict does not count among the pods", () => {
  const shownOnly = crowd(0, 5).map(({ pod, ...rest }) => ({ ...rest, pod: { ...pod, canFail: false } }));
  deepEqual(storms([...crowd(5, 4), ...shownOnly]), ["shop"]);
});

Deno.test("finished and terminating pods count neither as failing nor as pods", () => {
  deepEqual(storms([...crowd(5, 4), ...crowd(0, 9, { terminating: true })]), ["shop"]);
  deepEqual(storms([...crowd(5, 5), ...crowd(9, 0, { finished: true })]), []);
});

Deno.test("a storm is its namespace's alone", () => {
  deepEqual(storms([...crowd(6, 0), ...crowd(1, 5, { namespace: "checkout" })]), ["shop"]);
});

Deno.test("namespaces are not added up to a storm", () => {
  deepEqual(storms([...crowd(4, 0), ...crowd(4, 0, { namespace: "checkout" })]), []);
});

Deno.test("the percentage and the least number of pods are settings", () => {
  deepEqual(storms(crowd(5, 5), { stormPercent: 49 }), ["shop"]);
  deepEqual(storms(crowd(2, 0), { stormMinPods: 2 }), ["shop"]);
  deepEqual(storms(crowd(9, 0), { stormPercent: 100 }), []);
});

Deno.test("a watchdog that is only shown makes no storm", () => {
  const reported = crowd(0, 9).map(({ pod, workload }) =>
    observed({ ...pod, watchdogs: [watchdog({ evicts: false })] }, workload)
  );
  deepEqual(storms(reported), []);
});

Deno.test("a storm says how many of how many pods fail", () => {
  const words = stormsIn(model(crowd(6, 4)), limits).get("shop");
  equal(typeof words, "string");
  match(words!, /^6 of 10 pods in shop fail at once \(more than 50 %\)/);
});
