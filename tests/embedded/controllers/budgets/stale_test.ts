import { equal } from "node:assert/strict";
import { staleIn } from "../../../../lib/embedded/controllers/budgets/stale.ts";
import { before, minute, noon, pod, type PodChanges } from "../build.ts";

function left(reason: string, ago: number, changes: PodChanges = {}) {
  const condition = { type: "DisruptionTarget", status: "True", reason, lastTransitionTime: before(ago) };
  return staleIn(pod("a", { conditions: [condition], ...changes }), noon);
}

Deno.test("what was said of an eviction is stale two minutes later, where the pod stays", () => {
  equal(left("EvictionByEvictionAPI", minute), minute);
  equal(left("EvictionByEvictionAPI", 3 * minute), 0);
});

Deno.test("it is not stale on a pod that goes, has finished, or is ended by its kubelet", () => {
  equal(left("EvictionByEvictionAPI", 3 * minute, { deletionTimestamp: before(0) }), undefined);
  equal(left("EvictionByEvictionAPI", 3 * minute, { phase: "Failed" }), undefined);
  equal(left("TerminationByKubelet", 3 * minute), undefined);
  equal(staleIn(pod("a"), noon), undefined);
});
