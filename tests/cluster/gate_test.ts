import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { formatTime, parseTime } from "../../lib/contract/time.ts";
import { rights } from "../../lib/manifests/roles.ts";
import type { Cluster } from "./support/cluster.ts";
import { isReady } from "./support/cluster.ts";
import { answerOf, type GateBody, readinessProbe } from "./support/gate.ts";
import { failing, healthy } from "./support/pod_servers.ts";
import type { Program } from "./support/program.ts";
import { Proxy } from "./support/proxy.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { app, deployment, gate } from "./support/workloads.ts";

const test = onCluster();

/** A pod with an application and the gate beside it. */
async function gatedPod(cluster: Cluster, annotations: Record<string, string> = {}): Promise<Pod> {
  const namespace = await cluster.namespace();
  const shape = { name: "web", annotations, containers: [app, gate] };
  await cluster.apps.namespace(namespace).createDeployment(deployment(shape));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  return pod!;
}

/** The gate of a pod, which watches it through the API. */
function runGate(
  cluster: Cluster,
  { metadata }: Pod,
  args: string[] = [],
  kubeconfig?: string,
): Promise<Program> {
  const pod = [`--Pod:Namespace=${metadata!.namespace}`, `--Pod:Name=${metadata!.name}`];
  return cluster.run("watchdoghealthz", [...pod, ...args], { kubeconfig });
}

/** The gate's answer once it is as wanted. */
function answers(
  gate: Program,
  what: string,
  fits: (body: GateBody) => boolean,
  within?: number,
): Promise<GateBody> {
  return until(`the gate answers ${what}`, async () => {
    const body = await answerOf(gate);
    return fits(body) && body;
  }, within);
}

const patched = (cluster: Cluster, { metadata }: Pod, annotations: Record<string, string | null>) =>
  cluster.core.namespace(metadata!.namespace!).patchPod(metadata!.name!, {
    type: "merge",
    body: { metadata: { annotations } },
  });

const again = (cluster: Cluster, { metadata }: Pod) =>
  cluster.core.namespace(metadata!.namespace!).getPod(metadata!.name!);

test("a pod that its gate keeps unready is probed on, clears, and is ready again", async (cluster) => {
  const probe = { "probe.autocrane.io/http": `POD_IP:${cluster.servers.port}/` };
  const pod = await gatedPod(cluster, probe);
  const namespace = pod.metadata!.namespace!;
  await using gate = await runGate(cluster, pod, ["--Watchdogs:MinReadySeconds=3"]);
  await using _ = readinessProbe(cluster, pod, gate);
  await using prober = await cluster.run("watchdogprober", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ProbeIntervalSeconds=1",
  ]);
  await prober.said("leading");
  await answers(gate, "200", ({ status }) => status === 200);

  cluster.servers.set(pod.status!.podIP!, failing);
  const bad = await answers(gate, "500", ({ status }) => status === 500);
  match(bad.waitingFor[0]!, /^watchdog http: HTTP 500 Internal Server Error: disk \/data is full$/);
  const unready = await until("the pod is not ready", async () => {
    const now = await again(cluster, pod);
    return !isReady(now) && now;
  });
  const notReady = unready.status!.containerStatuses!.filter(({ ready }) => !ready);
  deepEqual(notReady.map(({ name }) => name), ["watchdoghealthz"]);

  cluster.servers.set(pod.status!.podIP!, healthy);
  const cleared = await until("the error is cleared", async () => {
    const [, at] = /^info\/(.+)\/error cleared$/.exec(
      (await again(cluster, pod)).metadata!.annotations!["status.autocrane.io/http"]!,
    ) ?? [];
    return at === undefined ? undefined : parseTime(at);
  });
  equal((await answerOf(gate)).status, 500, "MinReadySeconds have yet to pass");
  await answers(gate, "200 again", ({ status }) => status === 200);
  ok(Date.now() - cleared >= 3000, "MinReadySeconds have passed since the error was cleared");
  await until("the pod is ready", async () => isReady(await again(cluster, pod)));
});

test("while the API server is away or stopped the gate answers what it knew last, and how old that is", async (cluster) => {
  const error = { "status.autocrane.io/disk": `error/${formatTime(Date.now())}/full` };
  const fine = await gatedPod(cluster);
  const bad = await gatedPod(cluster, error);
  await using open = await runGate(cluster, fine);
  await using shut = await runGate(cluster, bad);
  await answers(open, "200", ({ status }) => status === 200);
  await answers(shut, "500", ({ waitingFor }) => waitingFor[0] === "watchdog disk: full");

  const { apiserver } = cluster.plane;
  apiserver.signal("SIGSTOP");
  try {
    const old = (gate: Program) => answers(gate, "with an age", ({ ageSeconds }) => ageSeconds! >= 2);
    deepEqual([(await old(open)).status, (await old(shut)).status], [200, 500]);
  } finally {
    apiserver.signal("SIGCONT");
  }
  await patched(cluster, bad, { "status.autocrane.io/disk": null });
  equal((await answers(shut, "200", ({ status }) => status === 200)).ageSeconds, 0, "it goes on by itself");

  await apiserver.end();
  const before = await answers(open, "why", ({ stale }) => stale !== undefined);
  match(before.stale!, /no answer from https:|connection|error/i);
  const after = await answers(open, "older", ({ ageSeconds }) => ageSeconds! > before.ageSeconds!);
  deepEqual([after.status, after.waitingFor], [200, []]);
  await cluster.plane.restart();
  await answers(open, "as current", ({ stale, ageSeconds }) => stale === undefined && ageSeconds! < 5);
  await patched(cluster, fine, error);
  await answers(open, "500 for what happened since", ({ status }) => status === 500);
});

test("a gate that starts again forgets nothing: the last error's end and the pod's start", async (cluster) => {
  const hour = 3_600_000;
  const pod = await gatedPod(cluster, { "autocrane.io/started": formatTime(Date.now() - hour) });
  const args = ["--Watchdogs:MinReadySeconds=4"];
  const first = await runGate(cluster, pod, args);
  await answers(first, "200 at once, as the pod has run for an hour", ({ status }) => status === 200, 3_000);

  const clearedAt = Date.now();
  const cleared = `info/${formatTime(clearedAt)}/error cleared`;
  await patched(cluster, pod, { "status.autocrane.io/disk": cleared });
  await answers(first, "500", ({ status }) => status === 500);
  first.process.signal("SIGKILL");
  await using second = await runGate(cluster, pod, args);
  const body = await answers(second, "what it waits for", ({ ageSeconds }) => ageSeconds !== undefined);
  deepEqual([body.status, body.waitingFor.length], [500, 1]);
  match(body.waitingFor[0]!, /^[1-4] s more without watchdog errors$/);
  await answers(second, "200", ({ status }) => status === 200);
  ok(Date.now() - Math.floor(clearedAt / 1000) * 1000 >= 4000);
});

test("a pod that has run for AlwaysHealthyAfterSeconds is ready whatever its watchdogs say", async (cluster) => {
  const error = { "status.autocrane.io/disk": `error/${formatTime(Date.now())}/full` };
  const ago = (seconds: number) => ({ "autocrane.io/started": formatTime(Date.now() - seconds * 1000) });
  const pod = await gatedPod(cluster, { ...error, ...ago(0) });
  await using gate = await runGate(cluster, pod, [
    "--Watchdogs:MinReadySeconds=600",
    "--Watchdogs:AlwaysHealthyAfterSeconds=300",
  ]);
  const young = await answers(gate, "500", ({ ageSeconds }) => ageSeconds !== undefined);
  deepEqual([young.status, young.waitingFor[0]], [500, "watchdog disk: full"]);
  await patched(cluster, pod, ago(301));
  const old = await answers(gate, "200", ({ status }) => status === 200);
  deepEqual([old.ready, old.waitingFor], [true, []]);
});

test("a Role that lacks a verb is told by the rule to add, and is enough once it is there", async (cluster) => {
  const pod = await gatedPod(cluster);
  const { namespace } = pod.metadata!;
  const rule = (verbs: string[]) => ({ apiGroups: [""], resources: ["pods"], verbs });
  try {
    for (const [missing, held] of [["list", "watch"], ["watch", "list"]]) {
      await cluster.replaceRights("watchdoghealthz", [rule([held!])]);
      await using gate = await runGate(cluster, pod);
      const { error } = await gate.said("cannot follow the API server", { error: /forbidden/ });
      const advice = `. Add to a Role in the namespace "${namespace}" that is bound to ` +
        '"system:serviceaccount:autocrane:watchdoghealthz" the rule ' +
        `{apiGroups: [""], resources: ["pods"], verbs: ["${missing}"]}`;
      ok(String(error).endsWith(advice), String(error));
      const body = await answers(gate, "why", ({ stale }) => stale !== undefined);
      ok(body.stale!.endsWith(advice), "who asks the gate learns it too");
      // What a list told is known; without one nothing is.
      equal(body.status, held === "list" ? 200 : 500);
      if (held !== "list") continue;
      await cluster.post(pod, "disk", "error");
      await answers(gate, "500 at the next list", ({ status }) => status === 500);
      await cluster.post(pod, "disk", null);
    }
  } finally {
    await cluster.replaceRights("watchdoghealthz", rights.watchdoghealthz.watched);
  }
  await using gate = await runGate(cluster, pod);
  await answers(gate, "200", ({ status, stale }) => status === 200 && stale === undefined);
});

test("a pod that does not exist is said to be unknown", async (cluster) => {
  const namespace = await cluster.namespace();
  await using gate = await runGate(cluster, { metadata: { namespace, name: "nobody" } });
  const body = await answers(gate, "why", ({ stale }) => stale !== undefined);
  deepEqual([body.status, body.stale], [500, "the API server knows no such pod"]);
});

test("questions to the gate cause none to the API server", async (cluster) => {
  const pod = await gatedPod(cluster);
  await using proxy = new Proxy(cluster.plane);
  const kubeconfig = await cluster.kubeconfig("watchdoghealthz", proxy.server);
  await using gate = await runGate(cluster, pod, [], kubeconfig);
  await until("the gate watches", () => proxy.requests.some((one) => one.includes("watch=true")));
  await answers(gate, "200", ({ status }) => status === 200);
  const before = [...proxy.requests];
  deepEqual(before.length, 2, "a list and a watch");
  for (let i = 0; i < 100; i++) equal((await answerOf(gate)).status, 200);
  deepEqual(proxy.requests, before);
});
