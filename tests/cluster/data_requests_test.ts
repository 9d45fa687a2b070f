import { deepEqual, equal, match, ok } from "node:assert/strict";
import { parseDataRequest, parseDataStatus } from "../../lib/contract/data_version.ts";
import { prefix } from "../../lib/contract/keys.ts";
import { version } from "../support/data_version.ts";
import { type Cluster, home } from "./support/cluster.ts";
import { DataSite, source } from "./support/data_site.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { deployment } from "./support/workloads.ts";

const test = onCluster();

/** The numbers of the versions that pods were asked for, and of those that the prober tells they have. */
async function versions(cluster: Cluster, namespace: string) {
  const pods = await cluster.pods(namespace, "web");
  return pods.map(({ metadata }) => {
    const { annotations = {} } = metadata!;
    const request = parseDataRequest(annotations[prefix.dataRequest + source] ?? "");
    const status = parseDataStatus(annotations[prefix.dataStatus + source] ?? "");
    return {
      asked: "problem" in request ? 0 : request.time,
      has: "problem" in status ? 0 : status.time,
      probed: !("problem" in status) && status.probed !== undefined,
    };
  });
}

const asked = async (cluster: Cluster, namespace: string) =>
  (await versions(cluster, namespace)).map(({ asked }) => asked).sort();

/** Waits until pods are asked for these. */
const untilAsked = (cluster: Cluster, namespace: string, ...numbers: number[]) =>
  until(
    `pods are asked for ${numbers}`,
    async () => (await asked(cluster, namespace)).join() === numbers.join(),
  );

test("a push goes by a canary to everybody, a bad one comes back, with the rights of the roles alone", async (cluster) => {
  const namespace = await cluster.namespace();
  await using site = new DataSite(cluster);
  const annotations = { [prefix.data + source]: source, "store.autocrane.io/url": site.url };
  await cluster.apps.namespace(namespace).createDeployment(
    deployment({ name: "web", replicas: 4, annotations }),
  );
  for (const pod of await cluster.readyPods(namespace, "web", 4)) site.deploy(pod);
  site.push(version(1));
  const watched = `--AutoCrane:Namespaces=${namespace}`;
  await using _ = await cluster.run("watchdogprober", [watched, "--AutoCrane:ProbeIntervalSeconds=1"]);
  await using orchestrate = await cluster.run("orchestrate", [
    watched,
    "--AutoCrane:ScanIntervalSeconds=1",
    `--Data:RepositoryUrl=${site.url}`,
    "--Data:ProbationSeconds=3",
  ]);

  await untilAsked(cluster, namespace, 1, 1, 1, 1);
  await orchestrate.said("data", { rule: "promoted" });
  ok((await versions(cluster, namespace)).every(({ has, probed }) => has === 1 && probed));

  site.push(version(2));
  await untilAsked(cluster, namespace, 1, 1, 1, 2);
  await untilAsked(cluster, namespace, 2, 2, 2, 2);

  site.push(version(3));
  await untilAsked(cluster, namespace, 2, 2, 2, 3);
  const pods = await cluster.pods(namespace, "web");
  const canary = pods[(await versions(cluster, namespace)).findIndex(({ asked }) => asked === 3)]!;
  await until(
    "the canary has it",
    async () => (await versions(cluster, namespace)).some(({ has }) => has === 3),
  );
  await cluster.post(canary, "app", "error");
  await untilAsked(cluster, namespace, 2, 2, 2, 2);
  match(await cluster.event(canary, "DataPutBack"), /back to the known good/);
  const { data } = await cluster.core.namespace(home).getConfigMap(`data-${namespace}`);
  deepEqual(Object.keys(data!).sort(), ["catalogue", "kept", "settings", "state"]);
  match(data!.state!, /"by":"verdict"/);

  // The first request for a version comes after the state that chose its canaries.
  const writes = (await cluster.writes("orchestrate")).filter(({ resource }) => resource !== "events");
  const first = writes.findIndex(({ resource }) => resource === "pods");
  ok(writes.slice(0, first).some(({ resource }) => resource === "configmaps"));
  ok(writes.every(({ code }) => code < 400 || code === 409), JSON.stringify(writes));
  equal(writes.filter(({ resource }) => resource === "pods/eviction").length, 0);
});

test("where the orchestrator may not write states nobody is asked for data, and evictions go on", async (cluster) => {
  const namespace = await cluster.namespace();
  await using site = new DataSite(cluster);
  const annotations = { [prefix.data + source]: source, "store.autocrane.io/url": site.url };
  await cluster.apps.namespace(namespace).createDeployment(
    deployment({ name: "web", replicas: 2, annotations }),
  );
  const [pod] = await cluster.readyPods(namespace, "web", 2);
  site.push(version(1));
  // Somebody took a name that is ours.
  await cluster.core.namespace(home).createConfigMap({ metadata: { name: `data-${namespace}` } });
  await using orchestrate = await cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ScanIntervalSeconds=1",
    "--AutoCrane:FailuresBeforeEviction=0",
    `--Data:RepositoryUrl=${site.url}`,
  ]);
  const { error } = await orchestrate.said("cannot go on with data rollouts");
  match(String(error), /Cannot use the ConfigMap autocrane\/data-.*Rename or delete it/);
  await cluster.post(pod!, "app", "error");
  match(await cluster.event(pod!, "WatchdogsFailed"), /^Evicted by AutoCrane/);
  ok((await asked(cluster, namespace)).every((n) => n === 0));
});
