import { deepEqual, equal, ok } from "node:assert/strict";
import { KubeError } from "../../../lib/kube/errors.ts";
import type { KubeRequest } from "../../../k8s/client.ts";
import { pass, until } from "../../cluster/support/wait.ts";
import { staying } from "./support/scripts.ts";
import { condition, namespace, onNode } from "./support/node.ts";

function failWith(code: number, fits: (request: KubeRequest) => boolean): (request: KubeRequest) => void {
  return (request) => {
    if (fits(request)) throw new KubeError(request, code, { message: "a fault" });
  };
}

const isStatusWrite = ({ path }: KubeRequest) => path.endsWith("/status") && path.includes("/pods/");

onNode("a status is written when it changes, and not again while nothing happens", async (node) => {
  await node.pod("web", { containers: [staying("app")] });
  await node.ready("web");
  await until("the last write is done", () => node.faults.statusWrites("web").length >= 2);
  const before = node.faults.statusWrites("web").length;
  ok(before <= 4);
  const patch = { type: "merge", body: { metadata: { annotations: { a: "b" } } } } as const;
  await node.core.namespace(namespace).patchPod("web", patch);
  await pass(200);
  equal(node.faults.statusWrites("web").length, before);
});

onNode("the conditions of others stay as they are", async (node) => {
  await node.pod("web", {
    readinessGates: [{ conditionType: "example.com/warm" }],
    containers: [staying("app")],
  });
  await node.podThat("runs", "web", ({ status }) => condition(status, "ContainersReady")?.status === "True");
  const conditions = [
    { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" },
    { type: "example.com/warm", status: "True" },
  ];
  await node.core.namespace(namespace).patchPodStatus("web", {
    type: "strategic",
    body: { status: { conditions } },
  });
  const { status } = await node.ready("web");
  equal(condition(status, "DisruptionTarget")?.reason, "EvictionByEvictionAPI");
  equal(condition(status, "example.com/warm")?.status, "True");
  equal(condition(status, "Ready")?.reason, undefined);
});

onNode("a status that cannot be written is written later, as it is then", async (node) => {
  node.faults.fault = failWith(500, isStatusWrite);
  await node.pod("web", { containers: [staying("app")] });
  await until("it was tried", () => node.faults.statusWrites("web").length >= 2);
  equal((await node.get("web")).status?.containerStatuses, undefined);
  node.faults.fault = () => {};
  await node.ready("web");
});

onNode("a pod that cannot be deleted in the API is deleted there later", async (node) => {
  await node.pod("web", { containers: [staying("app")] });
  await node.ready("web");
  let failures = 0;
  node.faults.fault = (request) => {
    if (request.method !== "DELETE" || failures++ >= 2) return;
    throw new KubeError(request, 503, { message: "a fault" });
  };
  await node.core.namespace(namespace).deletePod("web");
  await node.gone("web");
});

onNode("Events that cannot be written hold nothing up, and the next ones are", async (node) => {
  node.faults.fault = failWith(403, ({ path }) => path.endsWith("/events"));
  await node.pod("web", { containers: [staying("app")] });
  await node.ready("web");
  node.faults.fault = () => {};
  await node.remove("web");
  await node.event("web", "Killing");
});

onNode("what happens again is one Event that counts", async (node) => {
  const readinessProbe = { exec: { command: ["false"] }, periodSeconds: 1 };
  await node.pod("web", { containers: [staying("app", { readinessProbe })] });
  await until("it was counted", async () => {
    const found = (await node.events("web")).filter(({ reason }) => reason === "Unhealthy");
    return found.length === 1 && (found[0]!.count ?? 0) >= 2;
  });
});

onNode("the node registers itself, and keeps its Lease", async (node) => {
  const found = await until("the node is there", () => node.core.getNode("node-1").catch(() => undefined));
  const ready = await until("it is ready", async () => {
    const { status } = await node.core.getNode("node-1");
    return status?.conditions?.find(({ type, status }) => type === "Ready" && status === "True");
  });
  equal(ready.reason, "KubeletReady");
  const { status } = await node.core.getNode("node-1");
  equal(found.metadata?.labels?.["kubernetes.io/hostname"], "node-1");
  equal(status?.capacity?.pods, "110");
  ok(status?.nodeInfo?.kubeletVersion);
  deepEqual(status?.addresses?.map(({ type }) => type), ["InternalIP", "Hostname"]);
  const path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1";
  const lease = await until(
    "the Lease is there",
    () =>
      node.client.json<{ spec: { holderIdentity: string } }>({ method: "GET", path }).catch(() => undefined),
  );
  equal(lease.spec.holderIdentity, "node-1");
});
