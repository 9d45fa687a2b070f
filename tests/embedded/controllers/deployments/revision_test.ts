import { deepEqual, equal, ok } from "node:assert/strict";
import {
  currentAnnotations,
  nextRevision,
  revisionOf,
} from "../../../../lib/embedded/controllers/deployments/revision.ts";
import { deployment, replicaSet } from "../build.ts";

const revision = "deployment.kubernetes.io/revision";
const history = "deployment.kubernetes.io/revision-history";

function set(annotations: Record<string, string>) {
  return replicaSet("a", { annotations });
}

Deno.test("the next revision follows the highest of the old sets, unreadable ones left out", () => {
  equal(nextRevision([]), 1);
  equal(nextRevision([set({ [revision]: "9" }), set({ [revision]: "10" }), set({ [revision]: "x" })]), 11);
  equal(revisionOf(set({ [revision]: "x" })), undefined);
});

Deno.test("the current set has its Deployment's annotations, but not those about the Deployment itself", () => {
  const annotations = {
    "kubernetes.io/change-cause": "two",
    "kubectl.kubernetes.io/last-applied-configuration": "{}",
    [revision]: "7",
  };
  const given = currentAnnotations(deployment({ annotations }), set({ own: "kept" }), 1);
  deepEqual(given, { own: "kept", "kubernetes.io/change-cause": "two", [revision]: "1" });
});

Deno.test("a set with the highest revision keeps it, also where others were removed", () => {
  deepEqual(currentAnnotations(deployment(), set({ [revision]: "5" }), 3), { [revision]: "5" });
  deepEqual(currentAnnotations(deployment(), set({ [revision]: "5" }), 5), { [revision]: "5" });
});

Deno.test("a set that is rolled back to gets a new revision and remembers the old ones", () => {
  const once = currentAnnotations(deployment(), set({ [revision]: "1" }), 3);
  deepEqual(once, { [revision]: "3", [history]: "1" });
  deepEqual(currentAnnotations(deployment(), set(once), 6), { [revision]: "6", [history]: "1,3" });
});

Deno.test("a history that grows too long forgets its oldest revisions", () => {
  const long = Array.from({ length: 500 }, (_, i) => 1000 + i).join(",");
  const kept = currentAnnotations(
    deployment(),
    set({ [revision]: "9999", [history]: long }),
    10_000,
  )[history]!;
  ok(kept.length <= 2000);
  ok(kept.endsWith(",1499,9999"));
});

Deno.test("a set whose revision cannot be read is left as it is", () => {
  const given = currentAnnotations(deployment({ annotations: { a: "b" } }), set({ [revision]: "x" }), 3);
  deepEqual(given, { [revision]: "x" });
});
