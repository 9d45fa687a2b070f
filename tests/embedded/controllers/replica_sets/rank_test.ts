import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Pod } from "../../../../k8s/core_v1.ts";
import { inDeletionOrder } from "../../../../lib/embedded/controllers/replica_sets/rank.ts";
import { before, hour, minute, noon, pod, type PodChanges, second } from "../build.ts";

const cost = (value: string): PodChanges => ({
  annotations: { "controller.kubernetes.io/pod-deletion-cost": value },
});

function order(pods: readonly Pod[], related: readonly Pod[] = pods): string[] {
  return inDeletionOrder(pods, related, noon).map(({ metadata }) => metadata!.name!);
}

Deno.test("pods go in this order: unassigned, pending, unknown, not ready, cheap, crowded, freshly ready, restarted, young", () => {
  const pods = [
    pod("old", { node: "quiet", creationTimestamp: before(8 * hour) }),
    pod("young", { node: "quiet" }),
    pod("restarted", { node: "quiet", restarts: 2 }),
    pod("freshly-ready", { node: "quiet", readyFor: second }),
    pod("crowded", { node: "busy" }),
    pod("cheap", { ...cost("-1"), node: "quiet" }),
    pod("not-ready", { node: "quiet", readyFor: undefined }),
    pod("unknown", { node: "quiet", readyFor: undefined, phase: "Unknown" }),
    pod("pending", { node: "quiet", readyFor: undefined, phase: "Pending" }),
    pod("unassigned", { node: "", readyFor: undefined, phase: "Pending" }),
  ];
  const crowd = Array.from({ length: 12 }, (_, i) => pod(`other-${i}`, { node: "busy" }));
  deepEqual(order(pods, [...pods, ...crowd]), [
    "unassigned",
    "pending",
    "unknown",
    "not-ready",
    "cheap",
    "crowded",
    "freshly-ready",
    "restarted",
    "young",
    "old",
  ]);
});

Deno.test("a deletion cost that is no whole number is none", () => {
  deepEqual(order([pod("b", cost("5")), pod("a", cost("-1.5")), pod("c", cost("-3"))])[0], "c");
});

Deno.test("pods of which all that would count has finished are no crowd on a node", () => {
  const finished = Array.from(
    { length: 5 },
    (_, i) => pod(`done-${i}`, { node: "busy", phase: "Succeeded" }),
  );
  const pods = [
    pod("on-busy", { node: "busy", readyFor: hour }),
    pod("fresh", { node: "quiet", readyFor: second }),
  ];
  deepEqual(order(pods, [...pods, ...finished]), ["fresh", "on-busy"]);
});

Deno.test("of pods of about the same age chance decides, by their uids", () => {
  const aged = (name: string, age: number) => pod(name, { creationTimestamp: before(age), readyFor: age });
  deepEqual(order([aged("b", 60 * minute), aged("a", 61 * minute)]), ["a", "b"]);
  deepEqual(order([aged("a", 61 * minute), aged("b", 60 * minute)]), ["a", "b"]);
  deepEqual(order([aged("a", 61 * minute), aged("b", minute)]), ["b", "a"]);
});

Deno.test("restarts of sidecars count after those of containers", () => {
  const sidecar = (name: string, restartCount: number): Pod => {
    const one = pod(name, { spec: { initContainers: [{ name: "proxy", restartPolicy: "Always" }] } });
    const status = { name: "proxy", image: "", imageID: "", ready: true, restartCount };
    return { ...one, status: { ...one.status, initContainerStatuses: [status] } };
  };
  deepEqual(order([sidecar("a", 0), sidecar("b", 3), pod("c", { restarts: 1 })]), ["c", "b", "a"]);
});

const anyPod = fc.record({
  name: fc.uuid(),
  node: fc.constantFrom("", "node-1", "node-2"),
  phase: fc.constantFrom("Pending", "Running", "Unknown"),
  readyFor: fc.option(fc.integer({ min: 0, max: 10 * hour }), { nil: undefined }),
  restarts: fc.nat(3),
  age: fc.nat(10 * hour),
  costs: fc.constantFrom("0", "1", "-1"),
}).map(({ name, age, costs, ...rest }) =>
  pod(name, { ...rest, ...cost(costs), creationTimestamp: before(age) })
);
const anyPods = fc.uniqueArray(anyPod, { selector: ({ metadata }) => metadata!.name!, maxLength: 12 });

Deno.test("every pod has its place in the order, once", () => {
  fc.assert(fc.property(anyPods, (pods) => {
    deepEqual(order(pods).sort(), pods.map(({ metadata }) => metadata!.name!).sort());
  }));
});

Deno.test("no ready pod goes while there is one that is not ready", () => {
  fc.assert(fc.property(anyPods, (pods) => {
    const bound = pods.filter(({ spec, status }) => spec!.nodeName && status!.phase === "Running");
    const ready = inDeletionOrder(bound, bound, noon).map(({ status }) => status!.conditions![0]!.status);
    ok(ready.lastIndexOf("False") < (ready.indexOf("True") + 1 || Infinity));
  }));
});
