import { deepEqual, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import type { Cluster } from "./support/cluster.ts";
import { failing, healthy } from "./support/pod_servers.ts";
import { onCluster } from "./support/suite.ts";
import { pass, until } from "./support/wait.ts";
import { deployment } from "./support/workloads.ts";

const test = onCluster();

const pods = 5_000;
/** Seconds. */
const interval = 10;
const timeout = 2;

/** When each pod's label was first seen to say error, by a watch of the test's own. */
function errorsSeen(cluster: Cluster, namespace: string, signal: AbortSignal): Map<string, number> {
  const seen = new Map<string, number>();
  const labelSelector = "status.autocrane.io/health=error";
  const watching = async () => {
    for await (
      const { type, object } of cluster.core.namespace(namespace).watchPodList({ labelSelector, signal })
    ) {
      if (type === "ADDED") seen.set(object.metadata!.name!, performance.now());
    }
  };
  watching().catch((error) => {
    if (!signal.aborted) throw error;
  });
  return seen;
}

/** Requests so far that changed anything but a Lease, by the API server's own count. */
async function writesCounted(cluster: Cluster): Promise<Map<string, number>> {
  const text = await cluster.client.text({ method: "GET", path: "/metrics", accept: "text/plain" });
  const counts = new Map<string, number>();
  for (const [, labels = "", value] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
    const reads = ["GET", "LIST", "WATCH", "CONNECT"].includes(label("verb"));
    if (reads || label("resource") === "leases") continue;
    const what = `${label("verb")} ${label("resource")}/${label("subresource")} ${label("code")}`;
    counts.set(what, (counts.get(what) ?? 0) + Number(value));
  }
  return counts;
}

/** Some of the pods, spread over all of them. */
function sample(all: readonly Pod[], count: number): Pod[] {
  return Array.from({ length: count }, (_, i) => all[Math.floor((i + 0.5) * all.length / count)]!);
}

test("among 5,000 pods one that fails is labelled within interval, timeout and a second; then nothing is written", async (cluster) => {
  const namespace = await cluster.namespace();
  const annotations = { "probe.autocrane.io/http": `POD_IP:${cluster.servers.port}/` };
  for (let i = 0; i < 10; i++) {
    await cluster.apps.namespace(namespace).createDeployment(
      deployment({ name: `web-${i}`, replicas: pods / 10, annotations }),
    );
  }
  await until("all pods run", () => cluster.kubelet.running(namespace).length === pods, 300_000);
  const args = [`--AutoCrane:Namespaces=${namespace}`];
  await using prober = await cluster.run("watchdogprober", [
    ...args,
    `--AutoCrane:ProbeIntervalSeconds=${interval}`,
    `--AutoCrane:WatchdogProbeTimeoutSeconds=${timeout}`,
  ]);
  await using orchestrate = await cluster.run("orchestrate", [...args, "--AutoCrane:ScanIntervalSeconds=5"]);
  const written = () => prober.metric("autocrane_watchdogprober_status_writes_total", { outcome: "written" });
  await until("the first results are written", async () => await written() >= pods, 180_000);

  const stop = new AbortController();
  try {
    const seen = errorsSeen(cluster, namespace, stop.signal);
    const failed = new Map<string, number>();
    // One after the other over two intervals: they fail at all points of their schedules.
    for (const { metadata, status } of sample(cluster.kubelet.running(namespace), 40)) {
      cluster.servers.set(status!.podIP!, failing);
      failed.set(metadata!.name!, performance.now());
      await pass(2 * interval * 1000 / 40);
    }
    await until("all are labelled", () => [...failed.keys()].every((name) => seen.has(name)), 60_000);
    const late = [...failed].map(([name, at]) => (seen.get(name)! - at) / 1000).sort((a, b) => b - a);
    ok(late[0]! < interval + timeout + 1, `the slowest took ${late[0]} s`);
  } finally {
    stop.abort();
  }

  // All Events about the failing ones are written when the orchestrator has looked at them often enough.
  await until("storms, strikes and evictions are over", async () => {
    const scans = await orchestrate.metric("autocrane_orchestrate_scans_total", { outcome: "counted" });
    return scans >= 4 && await orchestrate.metric("autocrane_orchestrate_failing_pods") > 0;
  });
  for (const { status } of cluster.kubelet.running(namespace)) {
    cluster.servers.set(status!.podIP!, healthy);
  }
  await until(
    "all is well again",
    async () =>
      await prober.metric("autocrane_watchdogprober_watchdogs_failing") === 0 &&
      await orchestrate.metric("autocrane_orchestrate_failing_pods") === 0,
    60_000,
  );
  const settled = async () => {
    const before = await writesCounted(cluster);
    await pass(5000);
    return JSON.stringify([...before]) === JSON.stringify([...await writesCounted(cluster)]);
  };
  await until("the last of it is written", settled, 120_000);

  const before = await writesCounted(cluster);
  const visits = cluster.servers.visits.length;
  await pass(60_000);
  deepEqual(
    [...await writesCounted(cluster)],
    [...before],
    "a minute of steady state writes nothing but Leases",
  );
  ok(cluster.servers.visits.length - visits > pods * 5, "and all that time everything is probed");
});
