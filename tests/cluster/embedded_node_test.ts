import { deepEqual, equal, ok } from "node:assert/strict";
import { CoreV1Api } from "../../k8s/core_v1.ts";
import { fixedCredentials } from "../../lib/kube/credentials.ts";
import { Transport } from "../../lib/kube/transport.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { findBinaries } from "../../scripts/cluster/build.ts";
import { startControlPlane } from "../../scripts/cluster/control_plane.ts";
import { until } from "./support/wait.ts";
import { script, staying } from "../embedded/node/support/scripts.ts";
import { condition, namespace, TestNode } from "../embedded/node/support/node.ts";

const binaries = await findBinaries();

Deno.test({
  name: "a real API server takes what the node tells it",
  ignore: "missing" in binaries,
  async fn(t) {
    if ("missing" in binaries) return;
    await using plane = await startControlPlane({ binaries: binaries.folder });
    const authorization = `Bearer ${plane.adminToken}`;
    const access = {
      server: plane.server,
      ca: () => Promise.resolve(plane.ca),
      credentials: fixedCredentials({ authorization }),
      namespace,
    };
    const client = new Transport({ access, clock, userAgent: "tests" });
    const accounts = new CoreV1Api(client).namespace(namespace);
    await until("pods are taken", () => accounts.getServiceAccount("default"));
    const node = await TestNode.on(client);
    try {
      await stepsOn(node, t);
    } finally {
      await node.end();
      client.close();
    }
  },
});

async function stepsOn(node: TestNode, t: Deno.TestContext): Promise<void> {
  // No controller publishes the certificate that a mounted account needs here.
  const alone = { automountServiceAccountToken: false };

  await t.step("the Node is ready", async () => {
    await until("the node is ready", async () => {
      const { status } = await node.core.getNode("node-1");
      return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    });
  });

  await t.step("a pod runs, is evicted, and goes", async () => {
    await node.pod("web", {
      ...alone,
      initContainers: [script("init", "true"), staying("proxy", { restartPolicy: "Always" })],
      containers: [staying("app", { readinessProbe: { exec: { command: ["true"] } } })],
    });
    const { status } = await node.ready("web");
    equal(status?.phase, "Running");
    equal(condition(status, "Ready")?.reason, undefined);
    const eviction = { metadata: { name: "web", namespace } };
    await node.core.namespace(namespace).createPodEviction("web", eviction);
    await node.gone("web");
  });

  await t.step("Events are there, and count", async () => {
    const reasons = (await node.events("web")).map(({ reason }) => reason);
    for (const reason of ["Pulled", "Created", "Started", "Killing"]) ok(reasons.includes(reason));
  });

  await t.step("a pod that crashes tells so", async () => {
    await node.pod("crash", { ...alone, containers: [script("app", "exit 3")] });
    const { status } = await node.podThat(
      "waits",
      "crash",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    equal(status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 3);
    await node.remove("crash", 0);
  });

  await t.step("a job succeeds", async () => {
    await node.pod("job", { ...alone, restartPolicy: "Never", containers: [script("app", "true")] });
    const { status } = await node.phase("job", "Succeeded");
    deepEqual(condition(status, "Ready")?.reason, "PodCompleted");
    await node.remove("job");
  });
}
