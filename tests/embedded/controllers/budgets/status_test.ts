import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Pod } from "../../../../k8s/core_v1.ts";
import type { PodDisruptionBudget } from "../../../../k8s/policy_v1.ts";
import type { Workloads } from "../../../../lib/embedded/controllers/budgets/scales.ts";
import { failedStatus, reportOf } from "../../../../lib/embedded/controllers/budgets/status.ts";
import { before, deployment, metadataOf, minute, noon, ownedBy, pod, replicaSet } from "../build.ts";

const workloads: Workloads = {
  deployments: [deployment({ spec: { replicas: 3 } })],
  replicaSets: [replicaSet("a")],
  statefulSets: [],
};

/** Three pods of one Deployment. */
const three = ["a", "b", "c"].map((name) => managed(name));

function managed(name: string, changes = {}): Pod {
  return pod(name, { ownerReferences: [ownedBy("ReplicaSet", "web-a")], ...changes });
}

function budget(spec: PodDisruptionBudget["spec"], status: PodDisruptionBudget["status"] = {}) {
  const selector = { matchLabels: { app: "web" } };
  return { metadata: metadataOf("web", { generation: 2 }), spec: { selector, ...spec }, status };
}

function counts(spec: PodDisruptionBudget["spec"], pods: readonly Pod[] = three) {
  const { status } = reportOf(budget(spec), pods, workloads, noon);
  return [status.expectedPods, status.desiredHealthy, status.currentHealthy, status.disruptionsAllowed];
}

Deno.test("minAvailable as a number counts the pods that are there", () => {
  deepEqual(counts({ minAvailable: 2 }), [3, 2, 3, 1]);
  deepEqual(counts({ minAvailable: 5 }), [3, 5, 3, 0]);
  deepEqual(counts({ minAvailable: 0 }), [3, 0, 3, 3]);
});

Deno.test("maxUnavailable and percentages count the pods that there should be, and round up", () => {
  deepEqual(counts({ maxUnavailable: 1 }, three.slice(1)), [3, 2, 2, 0]);
  deepEqual(counts({ maxUnavailable: "50%" }), [3, 1, 3, 2]);
  deepEqual(counts({ minAvailable: "50%" }), [3, 2, 3, 1]);
  deepEqual(counts({ maxUnavailable: "200%" }), [3, 0, 3, 3]);
});

Deno.test("pods that are not ready, or on their way out, are not healthy", () => {
  const pods = [
    managed("a"),
    managed("b", { readyFor: undefined }),
    managed("c", { deletionTimestamp: before(0) }),
  ];
  deepEqual(counts({ minAvailable: 0 }, pods), [3, 0, 1, 1]);
});

Deno.test("a budget without pods allows no disruption", () => {
  deepEqual(counts({ minAvailable: 0 }, []), [0, 0, 0, 0]);
  deepEqual(counts({ maxUnavailable: 1 }, []), [0, 0, 0, 0]);
});

Deno.test("a budget that says nothing allows nothing", () => deepEqual(counts({}), [0, 0, 3, 0]));

Deno.test("pods without a controller are told, and count where they are healthy but not as expected", () => {
  const { status, unmanaged } = reportOf(
    budget({ maxUnavailable: 1 }),
    [...three, pod("d")],
    workloads,
    noon,
  );
  deepEqual(unmanaged, ["d"]);
  deepEqual([status.expectedPods, status.currentHealthy, status.disruptionsAllowed], [3, 4, 2]);
  deepEqual(reportOf(budget({ minAvailable: 1 }), [pod("d")], workloads, noon).unmanaged, []);
});

Deno.test("a pod whose eviction was granted is not healthy until it is seen to go", () => {
  const disruptedPods = { a: before(minute) };
  const { status, again } = reportOf(budget({ minAvailable: 1 }, { disruptedPods }), three, workloads, noon);
  deepEqual(status.disruptedPods, disruptedPods);
  equal(status.currentHealthy, 2);
  equal(again, minute + 1);
  const going = [managed("a", { deletionTimestamp: before(0) }), ...three.slice(1)];
  const seen = reportOf(budget({ minAvailable: 1 }, { disruptedPods }), going, workloads, noon);
  equal(seen.status.disruptedPods, undefined);
  equal(seen.status.currentHealthy, 2);
  equal(seen.again, undefined);
});

Deno.test("a pod that is still there two minutes after its eviction was granted is healthy again, and told", () => {
  const disruptedPods = { a: before(2 * minute + 1000), gone: before(minute) };
  const { status, stayed } = reportOf(budget({ minAvailable: 1 }, { disruptedPods }), three, workloads, noon);
  equal(status.disruptedPods, undefined);
  equal(status.currentHealthy, 3);
  deepEqual(stayed.map(({ metadata }) => metadata!.name), ["a"]);
});

Deno.test("the condition says whether disruptions are allowed, and since when", () => {
  const allowed = reportOf(budget({ minAvailable: 1 }), three, workloads, noon).status;
  deepEqual(allowed.conditions, [{
    type: "DisruptionAllowed",
    status: "True",
    reason: "SufficientPods",
    message: "",
    observedGeneration: 2,
    lastTransitionTime: before(0),
  }]);
  equal(allowed.observedGeneration, 2);
  const later = reportOf(budget({ minAvailable: 1 }, allowed), three, workloads, noon + minute).status;
  deepEqual(later, allowed);
  const [refused] = reportOf(budget({ minAvailable: 3 }, allowed), three, workloads, noon + minute).status
    .conditions!;
  deepEqual([refused!.status, refused!.reason], ["False", "InsufficientPods"]);
  equal(refused!.lastTransitionTime, before(-minute));
});

Deno.test("a budget whose numbers cannot be told allows nothing, and keeps the others", () => {
  const status = reportOf(budget({ minAvailable: 1 }), three, workloads, noon).status;
  const failed = failedStatus(budget({ maxUnavailable: 1 }, status), "no scale", noon + minute);
  equal(failed.disruptionsAllowed, 0);
  equal(failed.currentHealthy, 3);
  const [condition] = failed.conditions!;
  deepEqual([condition!.status, condition!.reason, condition!.message], ["False", "SyncFailed", "no scale"]);
});

Deno.test("a pod whose controller is gone makes the numbers unknown", () => {
  const orphaned = managed("a", { ownerReferences: [ownedBy("ReplicaSet", "other")] });
  throws(() => counts({ maxUnavailable: 1 }, [orphaned]), /found no controllers for pod "a"/);
  deepEqual(counts({ minAvailable: 1 }, [orphaned]), [1, 1, 1, 0]);
});

Deno.test("as many pods stay healthy as the budget wants, whatever it allows", () => {
  const part = fc.oneof(fc.nat(5), fc.nat(100).map((percent) => `${percent}%`));
  const spec = fc.oneof(fc.record({ minAvailable: part }), fc.record({ maxUnavailable: part }));
  fc.assert(fc.property(spec, fc.array(fc.boolean(), { maxLength: 3 }), (spec, ready) => {
    const pods = ready.map((one, i) => managed(`p-${i}`, one ? {} : { readyFor: undefined }));
    const [, desired, healthy, allowed] = counts(spec, pods) as number[];
    ok(allowed! >= 0 && (allowed === 0 || healthy! - allowed! >= desired!));
  }));
});
