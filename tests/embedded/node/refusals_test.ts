import { deepEqual, equal, match } from "node:assert/strict";
import type { PodSpec } from "../../../k8s/core_v1.ts";
import { script, staying } from "./support/scripts.ts";
import { condition, namespace, onNode, type TestNode } from "./support/node.ts";

/** Why a pod's first container waits, once it does: its reason and message. */
async function waiting(node: TestNode, spec: Partial<PodSpec>): Promise<{ reason: string; message: string }> {
  await node.pod("web", spec);
  const { status } = await node.podThat(
    "is refused",
    "web",
    ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
  );
  const { reason = "", message = "" } = status!.containerStatuses![0]!.state!.waiting!;
  return { reason, message };
}

onNode("an unknown image is refused with what there is", async (node) => {
  const { reason, message } = await waiting(node, { containers: [{ name: "app", image: "redis:7" }] });
  equal(reason, "ErrImagePull");
  match(
    message,
    /image "redis:7" is not known .* it knows sh; or let the container's command name an executable/,
  );
  const events = (await node.events("web")).map(({ message }) => message);
  match(events[0] ?? "", /^Failed to pull image "redis:7": image "redis:7" is not known/);
  equal(events[1], "Error: ErrImagePull");
});

onNode("an unknown image does not matter where a command names a program", async (node) => {
  await node.pod("web", { containers: [{ name: "app", image: "redis:7", command: ["sleep", "600"] }] });
  await node.ready("web");
  match(
    (await node.event("web", "Pulled")).message ?? "",
    /not needed: the command is run from this machine/,
  );
});

onNode("a program that is not there is a run that ended at once", async (node) => {
  await node.pod("web", {
    restartPolicy: "Never",
    containers: [{ name: "app", image: "x", command: ["no-such-program"] }],
  });
  const { status } = await node.phase("web", "Failed");
  const end = status?.containerStatuses?.[0]?.state?.terminated;
  deepEqual([end?.exitCode, end?.reason], [128, "StartError"]);
  match(end?.message ?? "", /exec: "no-such-program": executable file not found in \$PATH/);
  match((await node.event("web", "Failed")).message ?? "", /^Error: exec: "no-such-program"/);
});

onNode("a container that needs a ConfigMap waits for it, and starts when it is there", async (node) => {
  const env = [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "a" } } }];
  const app = script("app", "echo got $A; exec sleep 600", { env });
  const { reason, message } = await waiting(node, { containers: [app] });
  deepEqual([reason, message], ["CreateContainerConfigError", 'configmap "settings" not found']);
  await node.core.namespace(namespace).createConfigMap({ metadata: { name: "settings" }, data: { a: "it" } });
  await node.logWith("web", "got it");
});

onNode("a Secret is refused in words", async (node) => {
  const env = [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a" } } }];
  const { reason, message } = await waiting(node, { containers: [staying("app", { env })] });
  equal(reason, "CreateContainerConfigError");
  match(message, /Secrets are not supported by AutoCrane's embedded cluster/);
});

onNode("a postStart hook is refused in words", async (node) => {
  const lifecycle = { postStart: { exec: { command: ["true"] } } };
  const { message } = await waiting(node, { containers: [staying("app", { lifecycle })] });
  match(message, /postStart hooks: not supported/);
});

onNode("a volume that is not supported keeps the pod waiting, and an Event says why", async (node) => {
  await node.pod("web", {
    containers: [staying("app")],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
  });
  equal(
    (await node.event("web", "FailedMount")).message,
    'MountVolume.SetUp failed for volume "data" : persistentVolumeClaim: not supported by ' +
      "AutoCrane's embedded cluster: use one of emptyDir, downwardAPI, configMap, projected, hostPath",
  );
  const { status } = await node.get("web");
  equal(status?.phase, "Pending");
  equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, "ContainerCreating");
  equal(condition(status, "PodReadyToStartContainers")?.status, "False");
  await node.remove("web");
});

onNode("a pod waits for the ConfigMap of its volume", async (node) => {
  await node.pod("web", {
    containers: [staying("app")],
    volumes: [{ name: "cfg", configMap: { name: "settings" } }],
  });
  const { message } = await node.event("web", "FailedMount");
  equal(message, 'MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found');
  await node.core.namespace(namespace).createConfigMap({ metadata: { name: "settings" } });
  await node.ready("web");
});
