import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { PolicyV1Api } from "../../k8s/policy_v1.ts";
import type { Cluster } from "./support/cluster.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { budget, daemonSet, deployment } from "./support/workloads.ts";

const test = onCluster();

/** Seconds from scan to scan in these tests. */
const scan = 1;

function orchestrate(cluster: Cluster, namespace: string, ...more: string[]) {
  return cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${namespace}`,
    `--AutoCrane:ScanIntervalSeconds=${scan}`,
    ...more,
  ]);
}

const gone = (cluster: Cluster, pod: Pod) =>
  until(`${pod.metadata!.name} is gone`, async () => {
    const { namespace, labels } = pod.metadata!;
    const pods = await cluster.pods(namespace!, labels!.app!);
    return pods.every(({ metadata }) => metadata!.uid !== pod.metadata!.uid);
  });

async function evictions(cluster: Cluster, namespace: string) {
  const writes = await cluster.writes("orchestrate");
  return writes.filter((write) => write.namespace === namespace && write.resource === "pods/eviction");
}

test("a pod is evicted after the configured scans, never before, and its successor starts clear", async (cluster) => {
  const namespace = await cluster.namespace();
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", replicas: 2 }));
  const [pod] = await cluster.readyPods(namespace, "web", 2);
  await using program = await orchestrate(cluster, namespace, "--AutoCrane:FailuresBeforeEviction=3");
  await program.said("leading");

  const began = Date.now();
  await cluster.post(pod!, "disk", "error");
  await gone(cluster, pod!);

  const [eviction, ...more] = await evictions(cluster, namespace);
  deepEqual([eviction?.name, eviction?.code, more.length], [pod!.metadata!.name, 201, 0]);
  ok(eviction!.at - began >= 3 * scan * 1000, "a fourth failing scan comes three intervals after the first");
  match(
    await cluster.event(pod!, "WatchdogsFailed"),
    /^Evicted by AutoCrane: watchdog disk failed in 4 scans: posted by a test$/,
  );
  const held = await program.said("decision", { rule: "too-few-scans" });
  equal(held.why, "it failed in 1 of 4 scans");

  const successors = await cluster.readyPods(namespace, "web", 2);
  const successor = successors.find(({ metadata }) => metadata!.uid !== pod!.metadata!.uid && metadata!.uid)!;
  await cluster.post(successor, "disk", "error");
  const first = await until(
    "the successor's first strike is said",
    () =>
      program.lines().find((line) =>
        line.pod === `${namespace}/${successor.metadata!.name}` && line.message === "decision"
      ),
  );
  equal(first.why, "it failed in 1 of 4 scans");
});

test("an eviction is asked for with the pod's uid and resourceVersion and 120 seconds of grace", async (cluster) => {
  const namespace = await cluster.namespace();
  cluster.kubelet.endsPods = false;
  try {
    await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web" }));
    const [pod] = await cluster.readyPods(namespace, "web", 1);
    await cluster.post(pod!, "disk", "error");
    await using _ = await orchestrate(cluster, namespace, "--AutoCrane:FailuresBeforeEviction=0");
    const ending = await until("the pod is told to end", async () => {
      const now = await cluster.core.namespace(namespace).getPod(pod!.metadata!.name!);
      return now.metadata?.deletionTimestamp ? now : undefined;
    });
    equal(ending.metadata?.deletionGracePeriodSeconds, 120);
    const condition = ending.status?.conditions?.find(({ type }) => type === "DisruptionTarget");
    equal(condition?.reason, "EvictionByEvictionAPI");
  } finally {
    cluster.kubelet.endsPods = true;
    const pods = await cluster.pods(namespace, "web");
    for (const { metadata } of pods) {
      await cluster.core.namespace(namespace).deletePod(metadata!.name!, { gracePeriodSeconds: 0 });
    }
  }
});

test("a budget's refusal is obeyed, explained, and tried again until the budget allows it", async (cluster) => {
  const namespace = await cluster.namespace();
  const budgets = new PolicyV1Api(cluster.client).namespace(namespace);
  await budgets.createPodDisruptionBudget(budget("web", "web", 2));
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", replicas: 2 }));
  const [pod] = await cluster.readyPods(namespace, "web", 2);
  await cluster.post(pod!, "disk", "error");
  await using program = await orchestrate(cluster, namespace, "--AutoCrane:FailuresBeforeEviction=0");
  match(
    await cluster.event(pod!, "Budget"),
    /^Eviction refused: Cannot evict pod .+ needs 2 healthy pods and has 2 currently/,
  );
  await until("it is tried again", async () => (await evictions(cluster, namespace)).length >= 3);
  ok((await evictions(cluster, namespace)).every(({ code }) => code === 429));
  equal((await cluster.events(namespace)).filter(({ reason }) => reason === "Budget").length, 1);
  ok(await program.metric("autocrane_orchestrate_evictions_total", { outcome: "budget" }) >= 3);

  await budgets.patchPodDisruptionBudget("web", { type: "merge", body: { spec: { minAvailable: 1 } } });
  await gone(cluster, pod!);
});

test("two budgets over one pod are reported as the misconfiguration they are", async (cluster) => {
  const namespace = await cluster.namespace();
  const budgets = new PolicyV1Api(cluster.client).namespace(namespace);
  for (const name of ["one", "two"]) await budgets.createPodDisruptionBudget(budget(name, "web", 0));
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web" }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  await cluster.post(pod!, "disk", "error");
  await using _ = await orchestrate(cluster, namespace, "--AutoCrane:FailuresBeforeEviction=0");
  match(await cluster.event(pod!, "TwoBudgets"), /more than one PodDisruptionBudget selects it/);
});

test("a dry run asks the API server and changes nothing", async (cluster) => {
  const namespace = await cluster.namespace();
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web" }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  await cluster.post(pod!, "disk", "error");
  await using program = await orchestrate(
    cluster,
    namespace,
    "--AutoCrane:FailuresBeforeEviction=0",
    "--AutoCrane:DryRun=true",
  );
  await until(
    "it asked",
    async () => await program.metric("autocrane_orchestrate_evictions_total", { outcome: "would-evict" }) > 1,
  );
  ok((await evictions(cluster, namespace)).every(({ dryRun, code }) => dryRun && code === 201));
  equal(
    (await cluster.core.namespace(namespace).getPod(pod!.metadata!.name!)).metadata?.deletionTimestamp,
    undefined,
  );
});

test("a workload loses one pod at a time, and no more than its failing limit says", async (cluster) => {
  const namespace = await cluster.namespace();
  const apps = cluster.apps.namespace(namespace);
  await apps.createDeployment(deployment({ name: "one", replicas: 4 }));
  await apps.createDeployment(
    deployment({ name: "two", replicas: 4, workloadAnnotations: { "autocrane.io/failing-limit": "50%" } }),
  );
  await apps.createDeployment(
    deployment({ name: "none", replicas: 4, workloadAnnotations: { "autocrane.io/failing-limit": "0" } }),
  );
  await cluster.kubelet.addNode("node-2");
  await apps.createDaemonSet(daemonSet({ name: "each" }));
  const limits = { one: 1, two: 2, none: 0, each: 1 };
  for (const name of Object.keys(limits)) await cluster.readyPods(namespace, name, name === "each" ? 2 : 4);
  const failing = [];
  for (const name of Object.keys(limits)) failing.push(...(await cluster.pods(namespace, name)).slice(0, 3));
  for (const pod of failing) await cluster.post(pod, "disk", "error");
  // New pods do not become ready, so that a replacement is awaited for as long as we look.
  cluster.kubelet.startsReady = () => false;
  try {
    await using program = await orchestrate(
      cluster,
      namespace,
      "--AutoCrane:FailuresBeforeEviction=1",
      "--AutoCrane:StormPercent=100",
    );
    const scans = () => program.metric("autocrane_orchestrate_scans_total", { outcome: "counted" });
    await until("each has lost what it may", async () => (await evictions(cluster, namespace)).length >= 4);
    const enough = await scans() + 4;
    await until("more scans have passed", async () => await scans() >= enough);
    const lost = Object.fromEntries(Object.keys(limits).map((name) => [name, 0])) as Record<string, number>;
    for (const { name } of await evictions(cluster, namespace)) lost[name.split("-")[0]!]!++;
    deepEqual(lost, limits);
    ok(program.lines().some(({ rule }) => rule === "limit-zero"));
    ok(program.lines().some(({ rule }) => rule === "workload-busy"));
  } finally {
    cluster.kubelet.startsReady = () => true;
  }
});

test("while most of a namespace fails nothing in it is evicted", async (cluster) => {
  const namespace = await cluster.namespace();
  for (const name of ["web", "api"]) {
    await cluster.apps.namespace(namespace).createDeployment(deployment({ name, replicas: 3 }));
  }
  const pods = [
    ...await cluster.readyPods(namespace, "web", 3),
    ...await cluster.readyPods(namespace, "api", 3),
  ];
  for (const pod of pods) await cluster.post(pod, "disk", "error");
  await using program = await orchestrate(cluster, namespace, "--AutoCrane:FailuresBeforeEviction=1");
  match(await cluster.event(pods[0]!, "Storm"), /6 of 6 pods in .+ fail at once/);
  equal(await program.metric("autocrane_orchestrate_storms"), 1);
  deepEqual(await evictions(cluster, namespace), []);
  // Enough of them recover: the storm is over, and what still fails is evicted.
  for (const pod of pods.slice(0, 4)) await cluster.post(pod, "disk", "info");
  await gone(cluster, pods[5]!);
  equal((await evictions(cluster, namespace)).some(({ name }) => name === pods[0]!.metadata!.name), false);
});

test("a replacement that fails as well is reported, and the next eviction waits", async (cluster) => {
  const namespace = await cluster.namespace();
  await cluster.apps.namespace(namespace).createDeployment(
    deployment({
      name: "web",
      annotations: { "status.autocrane.io/release": "error/2026-01-31T12:34:56/wrong port" },
    }),
  );
  await cluster.readyPods(namespace, "web", 1);
  await using program = await orchestrate(cluster, namespace, "--AutoCrane:FailuresBeforeEviction=0");
  const said = await program.said("decision", { rule: "backing-off" });
  match(String(said.why), /^the last (eviction|\d+ evictions) of Deployment web did not help; waiting/);
});

test("with * every namespace is watched, one that comes later too", async (cluster) => {
  await using _ = await orchestrate(cluster, "*", "--AutoCrane:FailuresBeforeEviction=0");
  const namespace = await cluster.namespace();
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web" }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  await cluster.post(pod!, "disk", "error");
  await cluster.event(pod!, "WatchdogsFailed");
});
