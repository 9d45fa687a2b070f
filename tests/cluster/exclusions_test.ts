import { deepEqual, equal, match, ok } from "node:assert/strict";
import { BatchV1Api } from "../../k8s/batch_v1.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import type { Cluster } from "./support/cluster.ts";
import { home } from "./support/cluster.ts";
import { failing } from "./support/pod_servers.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { app, barePod, deployment, type Shape } from "./support/workloads.ts";

const test = onCluster();

/** Everything that fails is a candidate at its first scan. */
const eager = [
  "--AutoCrane:ScanIntervalSeconds=1",
  "--AutoCrane:FailuresBeforeEviction=0",
  "--AutoCrane:StormPercent=100",
];

const pause = { "autocrane.io/pause": "true" };

async function failingPod(cluster: Cluster, namespace: string, shape: Shape): Promise<Pod> {
  await cluster.apps.namespace(namespace).createDeployment(deployment(shape));
  const [pod] = await cluster.readyPods(namespace, shape.name, 1);
  await cluster.post(pod!, "disk", "error");
  return pod!;
}

test("pods that AutoCrane must not evict stay, each with its reason", async (cluster) => {
  const shop = await cluster.namespace();
  const quiet = await cluster.namespace(pause);
  const pods = cluster.core.namespace(shop);
  await cluster.kubelet.addNode("broken");
  await cluster.kubelet.setNodeReady("broken", false);

  const alone = await pods.createPod(barePod({ name: "alone" }));
  await cluster.readyPods(shop, "alone", 1);
  await cluster.post(alone, "disk", "error");
  await new BatchV1Api(cluster.client).namespace(shop).createJob({
    metadata: { name: "batch" },
    spec: {
      template: {
        metadata: { labels: { app: "batch" } },
        spec: { nodeName: "node-1", restartPolicy: "Never", containers: [app] },
      },
    },
  });
  const [job] = await cluster.readyPods(shop, "batch", 1);
  await cluster.post(job!, "disk", "error");
  const mirrored = { "kubernetes.io/config.mirror": "hash" };
  const own = { name: "own", serviceAccountName: "watchdogprober" };
  const expected = new Map<Pod, string>([
    [alone, "NoController"],
    [job!, "Job"],
    [
      await failingPod(cluster, shop, { name: "never", annotations: { "autocrane.io/evict": "never" } }),
      "Never",
    ],
    [
      await failingPod(cluster, shop, { name: "typo", annotations: { "autocrane.io/evict": "nevr" } }),
      "UnreadableEvict",
    ],
    [await failingPod(cluster, shop, { name: "mirror", annotations: mirrored }), "MirrorPod"],
    [await failingPod(cluster, shop, { name: "held", annotations: pause }), "PausedPod"],
    [await failingPod(cluster, shop, { name: "whole", workloadAnnotations: pause }), "PausedWorkload"],
    [await failingPod(cluster, quiet, { name: "web" }), "PausedNamespace"],
    [await failingPod(cluster, shop, { name: "lost", nodeName: "broken" }), "NodeNotReady"],
    [await failingPod(cluster, home, own), "OwnPod"],
  ]);
  // And one that goes, so that it is seen that the program would evict.
  const goes = await failingPod(cluster, shop, { name: "web" });

  await using _ = await cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${shop},${quiet},${home}`,
    ...eager,
  ]);
  await cluster.event(goes, "WatchdogsFailed");
  for (const [pod, reason] of expected) match(await cluster.event(pod, reason), /^Not evicted: /);
  const evicted = (await cluster.writes("orchestrate")).filter(({ resource }) =>
    resource === "pods/eviction"
  );
  deepEqual(evicted.map(({ name }) => name), [goes.metadata!.name]);
  equal(
    (await cluster.events(shop)).length,
    expected.size - 2 + 1,
    "each is said once, however many scans pass",
  );

  // Taking a reason away is enough.
  const held = [...expected.keys()].find(({ metadata }) => metadata!.labels!.app === "held")!;
  const annotations = { "autocrane.io/pause": null };
  await pods.patchPod(held.metadata!.name!, { type: "merge", body: { metadata: { annotations } } });
  await cluster.event(held, "WatchdogsFailed");
});

test("a pod without a controller goes when it says always", async (cluster) => {
  const namespace = await cluster.namespace();
  const annotations = {
    "autocrane.io/evict": "always",
    "status.autocrane.io/disk": "error/2026-01-31T12:34:56/full",
  };
  const pod = await cluster.core.namespace(namespace).createPod(barePod({ name: "alone", annotations }));
  await using _ = await cluster.run("orchestrate", [`--AutoCrane:Namespaces=${namespace}`, ...eager]);
  match(await cluster.event(pod, "WatchdogsFailed"), /watchdog disk failed in \d+ scans: full/);
});

test("what a dead prober wrote evicts nobody; once a prober works again it counts", async (cluster) => {
  const namespace = await cluster.namespace();
  const { port } = cluster.servers;
  const annotations = { "probe.autocrane.io/http": `POD_IP:${port}/` };
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", annotations }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  cluster.servers.set(pod!.status!.podIP!, failing);
  const probe = [`--AutoCrane:Namespaces=${namespace}`, "--AutoCrane:ProbeIntervalSeconds=1"];
  const labelled = () =>
    until("the label says error", async () => {
      const now = await cluster.core.namespace(namespace).getPod(pod!.metadata!.name!);
      return now.metadata?.labels?.["status.autocrane.io/health"] === "error";
    });
  const first = await cluster.run("watchdogprober", probe);
  await labelled();
  await first[Symbol.asyncDispose]();

  await using program = await cluster.run("orchestrate", [`--AutoCrane:Namespaces=${namespace}`, ...eager]);
  await program.said("leading");
  const scans = () => program.metric("autocrane_orchestrate_scans_total", { outcome: "counted" });
  const enough = await scans() + 3;
  await until("three scans pass", async () => await scans() >= enough);
  equal(await program.metric("autocrane_orchestrate_failing_pods"), 0);
  deepEqual((await cluster.events(namespace)).map(({ reason }) => reason), []);

  await using _ = await cluster.run("watchdogprober", probe);
  match(await cluster.event(pod!, "WatchdogsFailed"), /watchdog http failed in/);
});

test("a probe whose annotation cannot be read shows as an error and is never a strike", async (cluster) => {
  const namespace = await cluster.namespace();
  const annotations = {
    "probe.autocrane.io/elsewhere": "169.254.169.254:80/latest",
    "probe.autocrane.io/options": `POD_IP:${cluster.servers.port}/`,
    "probe-options.autocrane.io/options": "interval=1ms",
    // Only the prober, which knows its settings, can tell that this is longer than the interval.
    "probe.autocrane.io/timeout": `POD_IP:${cluster.servers.port}/`,
    "probe-options.autocrane.io/timeout": "timeout=40s",
  };
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", annotations }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  const args = [`--AutoCrane:Namespaces=${namespace}`];
  await using _ = await cluster.run("watchdogprober", args);
  await using program = await cluster.run("orchestrate", [...args, ...eager]);
  const now = await until("all say what is wrong", async () => {
    const now = await cluster.core.namespace(namespace).getPod(pod!.metadata!.name!);
    return now.metadata?.annotations?.["status.autocrane.io/options"] ? now : undefined;
  });
  const { annotations: written, labels } = now.metadata!;
  match(
    written!["status.autocrane.io/elsewhere"]!,
    /^error\/.+\/bad annotation: probe ".+" does not name POD_IP/,
  );
  match(
    written!["status.autocrane.io/options"]!,
    /^error\/.+\/bad annotation: option interval is "1ms": expected a duration from 1s to 1h$/,
  );
  match(
    written!["status.autocrane.io/timeout"]!,
    /^error\/.+\/bad annotation: option timeout is longer than the interval \(30s\)$/,
  );
  equal(labels!["status.autocrane.io/health"], "error");
  const scans = () => program.metric("autocrane_orchestrate_scans_total", { outcome: "counted" });
  const enough = await scans() + 3;
  await until("three scans pass", async () => await scans() >= enough);
  equal(await program.metric("autocrane_orchestrate_failing_pods"), 0);
  ok(cluster.servers.visits.every(({ address }) => address !== pod!.status!.podIP));
});
