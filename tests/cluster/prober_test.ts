import { equal, match, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { failing, hanging, healthy } from "./support/pod_servers.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { deployment } from "./support/workloads.ts";

const test = onCluster();

const health = (pod: Pod) => pod.metadata?.labels?.["status.autocrane.io/health"];
const status = (pod: Pod, name: string) => pod.metadata?.annotations?.[`status.autocrane.io/${name}`];

test("a probe that fails shows in the status and the label, and clears again", async (cluster) => {
  const namespace = await cluster.namespace();
  const { port } = cluster.servers;
  await cluster.apps.namespace(namespace).createDeployment(
    deployment({ name: "web", annotations: { "probe.autocrane.io/http": `POD_IP:${port}/watchdog` } }),
  );
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  await using prober = await cluster.run("watchdogprober", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ProbeIntervalSeconds=1",
    "--AutoCrane:WatchdogProbeTimeoutSeconds=1",
  ]);
  const look = () => cluster.core.namespace(namespace).getPod(pod!.metadata!.name!);
  const becomes = (level: string) =>
    until(`the label says ${level}`, async () => {
      const now = await look();
      return health(now) === level && now;
    });

  const first = await becomes("info");
  match(status(first, "http")!, /^info\/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\/HTTP 200$/);
  equal(first.metadata?.annotations?.["autocrane.io/started"], pod!.status?.startTime);

  const ip = pod!.status!.podIP!;
  cluster.servers.set(ip, failing);
  match(
    status(await becomes("error"), "http")!,
    /^error\/.+\/HTTP 500 Internal Server Error: disk \/data is full$/,
  );

  cluster.servers.set(ip, healthy);
  match(status(await becomes("info"), "http")!, /^info\/.+\/error cleared$/);

  cluster.servers.set(ip, hanging);
  match(status(await becomes("error"), "http")!, /^error\/.+\/no answer within 1 s$/);
  ok(await prober.metric("autocrane_watchdogprober_probes_total", { result: "timeout" }) > 0);
});
