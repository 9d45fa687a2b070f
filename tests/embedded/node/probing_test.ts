import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Container, Probe } from "../../../k8s/core_v1.ts";
import { podIP, script, server, staying } from "./support/scripts.ts";
import { condition, isReady, onNode, type TestNode } from "./support/node.ts";

/** A container that serves on the pod's port 8080, as {@link server} does. */
async function serving(node: TestNode, more: Partial<Container>): Promise<Container> {
  const path = join(node.folder, "server.ts");
  await Deno.writeTextFile(path, server);
  const ports = [{ name: "http", containerPort: 8080 }];
  return { name: "app", image: "any", command: [path], env: [podIP], ports, ...more };
}

/** A probe as fast as the API allows. */
function fast(probe: Probe): Probe {
  return { periodSeconds: 1, failureThreshold: 1, ...probe };
}

/** Makes the server of a pod's container answer 500. */
async function makeBad(node: TestNode, name: string): Promise<string> {
  const file = join(node.folderOf(await node.get(name)), "containers", "app", "home", "bad");
  await Deno.writeTextFile(file, "");
  return file;
}

onNode("a server is ready when it listens, not a period later", async (node) => {
  const readinessProbe = { httpGet: { port: 8080 }, periodSeconds: 60 };
  await node.pod("web", { containers: [await serving(node, { readinessProbe })] });
  await node.ready("web");
  ok((await node.events("web")).every(({ reason }) => reason !== "Unhealthy"));
});

onNode(
  "a server that fails is unready and goes on, and is ready again when it answers well",
  async (node) => {
    const readinessProbe = fast({ httpGet: { port: "http", path: "/ping" } });
    await node.pod("web", { containers: [await serving(node, { readinessProbe })] });
    await node.ready("web");
    const bad = await makeBad(node, "web");
    const { status } = await node.podThat("is unready", "web", (pod) => !isReady(pod));
    const ready = condition(status, "Ready");
    deepEqual([ready?.reason, ready?.message], [
      "ContainersNotReady",
      "containers with unready status: [app]",
    ]);
    const { message } = await node.event("web", "Unhealthy");
    equal(message, "Readiness probe failed: HTTP probe failed with statuscode: 500");
    equal(status?.containerStatuses?.[0]?.restartCount, 0);
    await Deno.remove(bad);
    await node.ready("web");
  },
);

onNode("a container that fails its liveness probe is restarted", async (node) => {
  const livenessProbe = fast({
    httpGet: { port: 8080 },
    terminationGracePeriodSeconds: 1,
    initialDelaySeconds: 1,
  });
  await node.pod("web", { containers: [await serving(node, { livenessProbe })] });
  await node.ready("web");
  await makeBad(node, "web");
  const { status } = await node.podThat(
    "is restarted",
    "web",
    ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1,
  );
  equal(status?.containerStatuses?.[0]?.lastState?.terminated?.signal, 15);
  equal(
    (await node.event("web", "Killing")).message,
    "Container app failed liveness probe, will be restarted",
  );
  match((await node.event("web", "Unhealthy")).message ?? "", /^Liveness probe failed: HTTP probe failed/);
});

onNode("a container that fails to start in time is restarted, and is not ready before", async (node) => {
  const startupProbe = fast({ exec: { command: ["sh", "-c", "echo not yet; exit 1"] }, failureThreshold: 2 });
  await node.pod("web", { containers: [staying("app", { startupProbe })] });
  const { status } = await node.podThat(
    "is restarted",
    "web",
    ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1,
  );
  equal(status?.containerStatuses?.[0]?.started, false);
  equal((await node.event("web", "Unhealthy")).message, "Startup probe failed: not yet");
  equal(
    (await node.event("web", "Killing")).message,
    "Container app failed startup probe, will be restarted",
  );
});

onNode("the next container waits until a sidecar's startup probe has passed", async (node) => {
  const startupProbe = fast({ exec: { command: ["test", "-e", "/state/up"] }, failureThreshold: 60 });
  const volumeMounts = [{ name: "state", mountPath: "/state" }];
  const proxy = script("proxy", "sleep 0.3; touch /state/up; exec sleep 600", {
    restartPolicy: "Always",
    startupProbe,
  });
  await node.pod("web", {
    initContainers: [{ ...proxy, volumeMounts }],
    containers: [script("app", "test -e /state/up && exec sleep 600", { volumeMounts })],
    volumes: [{ name: "state", emptyDir: {} }],
  });
  const { status } = await node.ready("web");
  equal(status?.containerStatuses?.[0]?.restartCount, 0);
});

onNode("a probe may open a connection", async (node) => {
  const readinessProbe = fast({ tcpSocket: { port: 8080 } });
  await node.pod("web", { containers: [await serving(node, { readinessProbe })] });
  await node.ready("web");
});

onNode("a command that takes too long has failed, and is ended", async (node) => {
  const readinessProbe = fast({ exec: { command: ["sleep", "600"] } });
  await node.pod("web", { containers: [staying("app", { readinessProbe })] });
  equal(
    (await node.event("web", "Unhealthy")).message,
    'Readiness probe failed: command "sleep 600" timed out',
  );
});

onNode("a probe that is not supported is refused in words", async (node) => {
  await node.pod("web", { containers: [staying("app", { livenessProbe: { grpc: { port: 1 } } })] });
  match((await node.event("web", "Failed")).message ?? "", /Error: liveness probe with grpc: not supported/);
  const { status } = await node.get("web");
  equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, "CreateContainerConfigError");
});
