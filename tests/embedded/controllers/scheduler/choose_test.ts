import { equal } from "node:assert/strict";
import type { Node, Pod } from "../../../../k8s/core_v1.ts";
import { choose, placesOf, waitsForNode } from "../../../../lib/embedded/controllers/scheduler/choose.ts";
import { before, node, pod, type PodChanges } from "../build.ts";

const waiting = pod("new", { node: "", phase: "Pending" });
const cordoned = { spec: { unschedulable: true } };

function waits(changes: PodChanges): boolean {
  return waitsForNode(pod("a", { node: "", phase: "Pending", ...changes }));
}

Deno.test("a pod waits for a node while it has none, is to run, and nothing holds it", () => {
  equal(waits({}), true);
  equal(waits({ node: "node-1" }), false);
  equal(waits({ deletionTimestamp: before(0) }), false);
  equal(waits({ phase: "Failed" }), false);
  equal(waits({ spec: { schedulingGates: [{ name: "later" }] } }), false);
  equal(waits({ spec: { schedulerName: "other" } }), false);
  equal(waits({ spec: { schedulerName: "default-scheduler" } }), true);
});

function chosen(nodes: readonly Node[], pods: readonly Pod[] = []) {
  const choice = choose(waiting, placesOf(nodes, pods));
  return "place" in choice ? choice.place.node.metadata!.name : choice.unschedulable;
}

Deno.test("the node with the fewest pods is chosen, the first by name of several", () => {
  const done = pod("c", { node: "n2", phase: "Succeeded" });
  const pods = [pod("a", { node: "n1" }), pod("b", { node: "n2" }), done];
  equal(chosen([node("n2"), node("n1"), node("n3")], pods), "n3");
  equal(chosen([node("n2"), node("n1")], pods), "n1");
});

Deno.test("nodes that cannot take the pod are not chosen", () => {
  equal(chosen([node("n1", cordoned), node("n2")], [pod("a", { node: "n2" })]), "n2");
});

Deno.test("why there is no node is told in kube-scheduler's words", () => {
  equal(chosen([]), "no nodes available to schedule pods");
  const full = node("n3", {
    status: { conditions: [{ type: "Ready", status: "True" }], allocatable: { pods: "0" } },
  });
  equal(
    chosen([node("n1", cordoned), node("n2", cordoned), full]),
    "0/3 nodes are available: 1 Too many pods, 2 node(s) were unschedulable. preemption: " +
      "0/3 nodes are available: 1 No preemption victims found for incoming pod, " +
      "2 Preemption is not helpful for scheduling.",
  );
});
