import { deepEqual, equal, match } from "node:assert/strict";
import type { Pod } from "../../../../k8s/core_v1.ts";
import { conditionOf } from "../../../../lib/embedded/controllers/objects/pods.ts";
import { template } from "../build.ts";
import { Stage } from "../stage.ts";

async function create(stage: Stage, name: string, spec: Partial<Pod["spec"]> = {}): Promise<void> {
  await stage.core.namespace("shop").createPod({
    metadata: { name },
    spec: { ...template().spec!, ...spec },
  });
}

function read(stage: Stage, name: string): Promise<Pod> {
  return stage.core.namespace("shop").getPod(name);
}

async function bound(stage: Stage, name: string): Promise<string> {
  return await stage.until(`${name} is bound`, async () => (await read(stage, name)).spec!.nodeName);
}

async function refused(stage: Stage, name: string): Promise<string> {
  return await stage.until(`${name} is told why it waits`, async () => {
    const { reason, message } = conditionOf(await read(stage, name), "PodScheduled") ?? {};
    return reason === "Unschedulable" && message;
  });
}

Deno.test("a pod is bound to a node and told so", async () => {
  await using stage = await Stage.start();
  await create(stage, "a");
  equal(await bound(stage, "a"), "node-1");
  equal(conditionOf(await read(stage, "a"), "PodScheduled")!.status, "True");
  await stage.settle();
  const [event] = await stage.events("a");
  equal(event!.message, "Successfully assigned shop/a to node-1");
  deepEqual([event!.reason, event!.action, event!.reportingComponent], [
    "Scheduled",
    "Binding",
    "default-scheduler",
  ]);
});

Deno.test("pods are spread over the nodes", async () => {
  await using stage = await Stage.start();
  await stage.addNode("node-2");
  for (const name of ["a", "b", "c", "d"]) await create(stage, name);
  const nodes = [];
  for (const name of ["a", "b", "c", "d"]) nodes.push(await bound(stage, name));
  deepEqual(nodes.sort(), ["node-1", "node-1", "node-2", "node-2"]);
});

Deno.test("a node is never given more pods than it has room for, and a pod that goes makes room", async () => {
  await using stage = await Stage.start();
  const room = { capacity: { pods: "2" } };
  await stage.core.patchNodeStatus("node-1", { type: "merge", body: { status: room } });
  for (const name of ["a", "b", "c"]) await create(stage, name);
  const waiting = await stage.until("two are bound", async () => {
    const pods = await stage.pods();
    const left = pods.filter(({ spec }) => !spec!.nodeName);
    return left.length === 1 && left[0]!.metadata!.name!;
  });
  match(await refused(stage, waiting), /^0\/1 nodes are available: 1 Too many pods\./);
  const other = ["a", "b", "c"].find((name) => name !== waiting)!;
  await stage.core.namespace("shop").deletePod(other);
  await bound(stage, waiting);
});

Deno.test("a pod that no node takes is told why once, and bound as soon as one does", async () => {
  await using stage = await Stage.start();
  const cordon = (unschedulable: boolean) =>
    stage.core.patchNode("node-1", { type: "merge", body: { spec: { unschedulable } } });
  await cordon(true);
  await create(stage, "a");
  match(await refused(stage, "a"), /^0\/1 nodes are available: 1 node\(s\) were unschedulable\./);
  await stage.core.patchNode("node-1", { type: "merge", body: { metadata: { labels: { seen: "again" } } } });
  await stage.settle();
  deepEqual((await stage.events("a")).map(({ type, reason }) => [type, reason]), [[
    "Warning",
    "FailedScheduling",
  ]]);
  await cordon(false);
  await bound(stage, "a");
});

Deno.test("a pod with a scheduling gate waits until it is taken away", async () => {
  await using stage = await Stage.start();
  await create(stage, "a", { schedulingGates: [{ name: "example.com/later" }] });
  await stage.settle();
  equal((await read(stage, "a")).spec!.nodeName, undefined);
  await stage.core.namespace("shop").patchPod("a", {
    type: "merge",
    body: { spec: { schedulingGates: null } },
  });
  await bound(stage, "a");
});

Deno.test("a pod that was given a node, or is another scheduler's, is left alone", async () => {
  await using stage = await Stage.start();
  await create(stage, "given", { nodeName: "elsewhere" });
  await create(stage, "other", { schedulerName: "other" });
  await stage.settle();
  equal((await read(stage, "given")).spec!.nodeName, "elsewhere");
  equal((await read(stage, "other")).spec!.nodeName, undefined);
});
