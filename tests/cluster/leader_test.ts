import { deepEqual, equal, match, ok } from "node:assert/strict";
import { CoordinationV1Api } from "../../k8s/coordination_v1.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import { PolicyV1Api } from "../../k8s/policy_v1.ts";
import { type Cluster, home, type Mode } from "./support/cluster.ts";
import { failing, healthy } from "./support/pod_servers.ts";
import type { Program } from "./support/program.ts";
import { Proxy } from "./support/proxy.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { budget, deployment } from "./support/workloads.ts";

const test = onCluster();

/** How long a Lease holds after its last renewal, milliseconds. */
const leaseDuration = 15_000;

/** A replica, and everything that it asks of the API server. */
interface Replica extends AsyncDisposable {
  readonly program: Program;
  readonly proxy: Proxy;
}

/** Starts a replica behind a relay of its own, so that it is seen which one asked what. */
async function replica(cluster: Cluster, mode: Mode, args: readonly string[]): Promise<Replica> {
  const proxy = new Proxy(cluster.plane);
  const program = await cluster.run(mode, args, { kubeconfig: await cluster.kubeconfig(mode, proxy.server) });
  const dispose = async () => {
    await program[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  };
  return { program, proxy, [Symbol.asyncDispose]: dispose };
}

/** What a replica asked to be changed, but its Lease, from its nth request on. */
function writesOf({ proxy }: Replica, from = 0): string[] {
  return proxy.requests.slice(from).filter((line) => !line.startsWith("GET ") && !line.includes("/leases"));
}

function holder(cluster: Cluster, lease: string): Promise<string | undefined> {
  const leases = new CoordinationV1Api(cluster.client).namespace(home);
  return leases.getLease(lease).then(({ spec }) => spec?.holderIdentity);
}

/** Two replicas, of which the first leads. */
async function pair(cluster: Cluster, mode: Mode, args: readonly string[]): Promise<[Replica, Replica]> {
  const leader = await replica(cluster, mode, args);
  await leader.program.said("leading");
  const standBy = await replica(cluster, mode, args);
  await standBy.program.said("listening");
  return [leader, standBy];
}

const orchestrateArgs = (namespace: string, failures: number) => [
  `--AutoCrane:Namespaces=${namespace}`,
  "--AutoCrane:ScanIntervalSeconds=1",
  `--AutoCrane:FailuresBeforeEviction=${failures}`,
];

const scans = ({ program }: Replica) =>
  program.metric("autocrane_orchestrate_scans_total", { outcome: "counted" });

async function scansPass(one: Replica, count: number): Promise<void> {
  const enough = await scans(one) + count;
  await until(`${count} scans pass`, async () => await scans(one) >= enough);
}

async function failingPod(cluster: Cluster, namespace: string): Promise<Pod> {
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web" }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  await cluster.post(pod!, "disk", "error");
  return pod!;
}

test("when the leader is killed the stand-by acts within the lease duration, and no strike is lost", async (cluster) => {
  const namespace = await cluster.namespace();
  const [leader, standBy] = await pair(cluster, "orchestrate", orchestrateArgs(namespace, 5));
  await using _ = leader;
  await using __ = standBy;
  await scansPass(standBy, 1);
  const pod = await failingPod(cluster, namespace);
  // Both have counted some, and neither enough.
  await scansPass(standBy, 2);

  const killed = Date.now();
  leader.program.process.signal("SIGKILL");
  const words = await cluster.event(pod, "WatchdogsFailed");
  const [eviction] = (await cluster.writes("orchestrate")).filter((write) => write.namespace === namespace);
  ok(eviction!.at - killed < leaseDuration + 1500, `acted after ${eviction!.at - killed} ms`);
  const scanned = Number(/failed in (\d+) scans/.exec(words)?.[1]);
  ok(scanned > 6, `strikes were counted while it stood by: ${words}`);
  match(writesOf(standBy)[0]!, /^POST .+\/eviction/);
});

test("an orchestrator that is stopped past its lease and continued writes nothing", async (cluster) => {
  const namespace = await cluster.namespace();
  // The budget refuses, so that whoever leads asks again at each scan.
  await new PolicyV1Api(cluster.client).namespace(namespace).createPodDisruptionBudget(
    budget("web", "web", 1),
  );
  const [leader, standBy] = await pair(cluster, "orchestrate", orchestrateArgs(namespace, 0));
  await using _ = leader;
  await using __ = standBy;
  await failingPod(cluster, namespace);
  await until("the leader asks", () => writesOf(leader).some((line) => line.includes("/eviction")));

  leader.program.process.signal("SIGSTOP");
  await standBy.program.said("leading", {}, 20_000);
  await until("the stand-by asks", () => writesOf(standBy).some((line) => line.includes("/eviction")));
  const before = leader.proxy.requests.length;
  leader.program.process.signal("SIGCONT");
  await leader.program.said("not leading any more");
  await scansPass(leader, 3);
  deepEqual(writesOf(leader, before), []);
  equal(await leader.program.metric("autocrane_leader"), 0);
  equal(await standBy.program.metric("autocrane_leader"), 1);
});

test("a prober that is stopped past its lease and continued writes nothing", async (cluster) => {
  const namespace = await cluster.namespace();
  const annotations = { "probe.autocrane.io/http": `POD_IP:${cluster.servers.port}/` };
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", annotations }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  const args = [`--AutoCrane:Namespaces=${namespace}`, "--AutoCrane:ProbeIntervalSeconds=1"];
  const [leader, standBy] = await pair(cluster, "watchdogprober", args);
  await using _ = leader;
  await using __ = standBy;
  const labelled = (level: string) =>
    until(`the label says ${level}`, async () => {
      const now = await cluster.core.namespace(namespace).getPod(pod!.metadata!.name!);
      return now.metadata?.labels?.["status.autocrane.io/health"] === level;
    });
  await labelled("info");

  // What the stopped one has not seen yet is what it would write when it wakes.
  leader.program.process.signal("SIGSTOP");
  cluster.servers.set(pod!.status!.podIP!, failing);
  await labelled("error");
  const before = leader.proxy.requests.length;
  leader.program.process.signal("SIGCONT");
  await leader.program.said("not leading any more");
  cluster.servers.set(pod!.status!.podIP!, healthy);
  await labelled("info");
  deepEqual(writesOf(leader, before), []);
  ok(writesOf(standBy).length >= 2);
});

test("a leader that is asked to end lets its lease go after its last write, and the stand-by takes over", async (cluster) => {
  const namespace = await cluster.namespace();
  const [leader, standBy] = await pair(cluster, "orchestrate", orchestrateArgs(namespace, 3));
  await using _ = leader;
  await using __ = standBy;
  const held = await holder(cluster, "autocrane-orchestrate");
  equal(await leader.program.process.terminate(), 0);
  await leader.program.said("released the lease");
  // Well within the lease duration: nobody waited for it to run out.
  await standBy.program.said("leading", {}, leaseDuration / 2);
  const now = await holder(cluster, "autocrane-orchestrate");
  ok(now && now !== held);
});

test("a lease that somebody deletes is made again, by one of them", async (cluster) => {
  const namespace = await cluster.namespace();
  const [leader, standBy] = await pair(cluster, "orchestrate", orchestrateArgs(namespace, 3));
  await using _ = leader;
  await using __ = standBy;
  await new CoordinationV1Api(cluster.client).namespace(home).deleteLease("autocrane-orchestrate");
  await until("somebody holds it", () => holder(cluster, "autocrane-orchestrate").catch(() => undefined));
  const lead = async () =>
    await leader.program.metric("autocrane_leader") + await standBy.program.metric("autocrane_leader");
  await until("one leads", async () => await lead() === 1);
});
