import { equal } from "node:assert/strict";
import type { NodeSelectorTerm, Pod, Toleration } from "../../../../k8s/core_v1.ts";
import { obstacle } from "../../../../lib/embedded/controllers/scheduler/fit.ts";
import { node, pod } from "../build.ts";

const plain = pod("a", { node: "" });
const tainted = "node(s) had untolerated taint(s)";
const unmatched = "node(s) didn't match Pod's node affinity/selector";

function tolerating(...tolerations: Toleration[]): Pod {
  return pod("a", { node: "", spec: { tolerations } });
}

function wanting(...nodeSelectorTerms: NodeSelectorTerm[]): Pod {
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return pod("a", { node: "", spec: { affinity: { nodeAffinity: required } } });
}

Deno.test("a node that is Ready and empty takes a pod", () =>
  equal(obstacle(plain, node("n"), 0), undefined));

Deno.test("a node that is not Ready, or says nothing of it, is as if tainted", () => {
  const silent = node("n", { status: { conditions: [] } });
  equal(obstacle(plain, silent, 0), tainted);
  equal(
    obstacle(tolerating({ key: "node.kubernetes.io/not-ready", operator: "Exists" }), silent, 0),
    undefined,
  );
});

Deno.test("a cordoned node takes only pods that tolerate it", () => {
  const cordoned = node("n", { spec: { unschedulable: true } });
  equal(obstacle(plain, cordoned, 0), "node(s) were unschedulable");
  const daemon = tolerating({
    key: "node.kubernetes.io/unschedulable",
    operator: "Exists",
    effect: "NoSchedule",
  });
  equal(obstacle(daemon, cordoned, 0), undefined);
});

Deno.test("taints keep pods away that do not tolerate each of them", () => {
  const taint = { key: "use", value: "db", effect: "NoSchedule" };
  const special = node("n", { spec: { taints: [taint] } });
  equal(obstacle(plain, special, 0), tainted);
  equal(obstacle(tolerating({ key: "use", value: "db", effect: "NoSchedule" }), special, 0), undefined);
  equal(obstacle(tolerating({ key: "use", value: "web" }), special, 0), tainted);
  equal(obstacle(tolerating({ key: "use", operator: "Exists", effect: "NoExecute" }), special, 0), tainted);
  equal(obstacle(tolerating({ operator: "Exists" }), special, 0), undefined);
  const executing = node("n", { spec: { taints: [{ ...taint, effect: "NoExecute" }] } });
  equal(obstacle(plain, executing, 0), tainted);
  const preferring = node("n", { spec: { taints: [{ ...taint, effect: "PreferNoSchedule" }] } });
  equal(obstacle(plain, preferring, 0), undefined);
});

Deno.test("a nodeSelector must fit", () => {
  const here = { "kubernetes.io/hostname": "n" };
  equal(obstacle(pod("a", { spec: { nodeSelector: here } }), node("n"), 0), undefined);
  equal(obstacle(pod("a", { spec: { nodeSelector: { disk: "ssd" } } }), node("n"), 0), unmatched);
});

Deno.test("one term of the affinity must fit wholly, by name or by labels", () => {
  const named = (name: string) => ({
    matchFields: [{ key: "metadata.name", operator: "In" as const, values: [name] }],
  });
  const labelled = { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "Exists" as const }] };
  equal(obstacle(wanting(named("n")), node("n"), 0), undefined);
  equal(obstacle(wanting(named("m")), node("n"), 0), unmatched);
  equal(obstacle(wanting(named("m"), labelled), node("n"), 0), undefined);
  equal(obstacle(wanting({ ...named("m"), ...labelled }), node("n"), 0), unmatched);
  equal(obstacle(wanting({}), node("n"), 0), unmatched);
});

Deno.test("labels can be compared as numbers", () => {
  const sized = { ...node("n"), metadata: { name: "n", labels: { cores: "8" } } };
  const cores = (operator: "Gt" | "Lt", value: string) =>
    wanting({ matchExpressions: [{ key: "cores", operator, values: [value] }] });
  equal(obstacle(cores("Gt", "4"), sized, 0), undefined);
  equal(obstacle(cores("Gt", "8"), sized, 0), unmatched);
  equal(obstacle(cores("Lt", "16"), sized, 0), undefined);
  equal(obstacle(cores("Lt", "16"), node("n"), 0), unmatched);
});

Deno.test("a node takes as many pods as it says, or any number where it does not", () => {
  const conditions = [{ type: "Ready", status: "True" }];
  const small = node("n", { status: { conditions, capacity: { pods: "3" }, allocatable: { pods: "2" } } });
  equal(obstacle(plain, small, 1), undefined);
  equal(obstacle(plain, small, 2), "Too many pods");
  equal(obstacle(plain, node("n", { status: { conditions, capacity: { pods: "3" } } }), 2), undefined);
  equal(obstacle(plain, node("n"), 10_000), undefined);
});
