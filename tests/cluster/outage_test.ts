import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Pod } from "../../k8s/core_v1.ts";
import type { Cluster } from "./support/cluster.ts";
import { failing, healthy } from "./support/pod_servers.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { deployment } from "./support/workloads.ts";

const test = onCluster();

const proberArgs = (namespace: string) => [
  `--AutoCrane:Namespaces=${namespace}`,
  "--AutoCrane:ProbeIntervalSeconds=1",
];

async function probedPod(cluster: Cluster, namespace: string): Promise<Pod> {
  const annotations = { "probe.autocrane.io/http": `POD_IP:${cluster.servers.port}/` };
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", annotations }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  return pod!;
}

function labelled(cluster: Cluster, { metadata }: Pod, level: string, within?: number): Promise<boolean> {
  return until(`the label says ${level}`, async () => {
    const now = await cluster.core.namespace(metadata!.namespace!).getPod(metadata!.name!);
    return now.metadata?.labels?.["status.autocrane.io/health"] === level;
  }, within);
}

test("programs that start before the API server say so, wait, and work once it is there", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await probedPod(cluster, namespace);
  const kubeconfig = await cluster.kubeconfig("watchdogprober");
  await cluster.plane.apiserver.end();
  await using prober = await cluster.run("watchdogprober", proberArgs(namespace), { kubeconfig });
  const line = await prober.said("cannot follow the API server", { what: `pods in ${namespace}` });
  match(
    String(line.error),
    /^Cannot GET .+: no answer from https:.+ Is the address right and the cluster up\?$/,
  );
  equal((await prober.get("/ping")).status, 200);
  await cluster.plane.restart();
  await labelled(cluster, pod, "info", 45_000);
  await prober.said("following the API server again", { what: `pods in ${namespace}` });
});

test("an API server that restarts loses no status and causes no eviction", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await probedPod(cluster, namespace);
  await using _ = await cluster.run("watchdogprober", proberArgs(namespace));
  await using orchestrate = await cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ScanIntervalSeconds=1",
    "--AutoCrane:FailuresBeforeEviction=3",
  ]);
  await orchestrate.said("leading");
  await labelled(cluster, pod, "info");

  // What is found while nobody can be told is told afterwards.
  await cluster.plane.apiserver.end();
  cluster.servers.set(pod.status!.podIP!, failing);
  const { length } = cluster.servers.visits;
  await until("it was probed meanwhile", () => cluster.servers.visits.length > length + 1);
  await cluster.plane.restart();
  await labelled(cluster, pod, "error", 45_000);
  cluster.servers.set(pod.status!.podIP!, healthy);
  await labelled(cluster, pod, "info");
  deepEqual((await cluster.writes("orchestrate")).filter(({ resource }) => resource === "pods/eviction"), []);
});

test("an API server that is silent under a watch is neither believed nor waited for", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await probedPod(cluster, namespace);
  await using prober = await cluster.run("watchdogprober", proberArgs(namespace));
  await using orchestrate = await cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ScanIntervalSeconds=1",
  ]);
  await orchestrate.said("leading");
  await labelled(cluster, pod, "info");
  const { apiserver } = cluster.plane;
  apiserver.signal("SIGSTOP");
  try {
    // A leader that cannot renew must not go on as one.
    await orchestrate.said("not leading any more", {}, 20_000);
    await prober.said("not leading any more", {}, 20_000);
    await orchestrate.said("scans wait", { why: /has not answered|no answer|silent/ }, 20_000);
    equal((await prober.get("/ping")).status, 200);
  } finally {
    apiserver.signal("SIGCONT");
  }
  cluster.servers.set(pod.status!.podIP!, failing);
  await labelled(cluster, pod, "error", 45_000);
  await orchestrate.said("scans go on");
});

test("a token that expires is read again from its file", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await probedPod(cluster, namespace);
  const tokenFile = join(cluster.plane.folder, "token");
  // The API server accepts a token for a minute after its end.
  await Deno.writeTextFile(tokenFile, await cluster.token("watchdogprober", -50));
  const kubeconfig = await cluster.plane.kubeconfig();
  const config = JSON.parse(await Deno.readTextFile(kubeconfig));
  config.users[0].user = { tokenFile };
  await Deno.writeTextFile(kubeconfig, JSON.stringify(config));
  await using prober = await cluster.run("watchdogprober", proberArgs(namespace), { kubeconfig });
  await labelled(cluster, pod, "info");
  const refused = () => prober.metric("autocrane_kubernetes_requests_total", { code: "401" });
  await until("the old token is refused", async () => await refused() > 0, 45_000);
  await Deno.writeTextFile(tokenFile, await cluster.token("watchdogprober"));
  cluster.servers.set(pod.status!.podIP!, failing);
  await labelled(cluster, pod, "error", 45_000);
  ok(await prober.metric("autocrane_leader") === 1);
});
