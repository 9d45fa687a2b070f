/**
 * A prober at work, and what it writes on pods.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import type { Cluster } from "./cluster.ts";
import type { Program } from "./program.ts";
import { until } from "./wait.ts";
import { barePod, type Shape } from "./workloads.ts";

/** Runs a prober that probes once a second unless told otherwise. */
export function runProber(cluster: Cluster, namespace: string, ...more: string[]): Promise<Program> {
  return cluster.run("watchdogprober", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ProbeIntervalSeconds=1",
    "--AutoCrane:WatchdogProbeTimeoutSeconds=1",
    ...more,
  ]);
}

/** The annotation that has `path` of a pod's server probed. */
export function probe(cluster: Cluster, name: string, path: string = "/"): Record<string, string> {
  return { [`probe.autocrane.io/${name}`]: `POD_IP:${cluster.servers.port}${path}` };
}

/** Creates a pod that nothing keeps, and waits until it runs with an address. */
export async function runPod(
  cluster: Cluster,
  namespace: string,
  shape: Shape,
  spec: Partial<Pod["spec"]> = {},
): Promise<Pod> {
  const pod = barePod(shape);
  await cluster.core.namespace(namespace).createPod({ ...pod, spec: { ...pod.spec!, ...spec } });
  return await until(`${shape.name} runs`, async () => {
    const now = await cluster.core.namespace(namespace).getPod(shape.name);
    return now.status?.podIP !== undefined && now.status.phase === "Running" && now;
  });
}

/** A pod as it is now. */
export function again(cluster: Cluster, { metadata }: Pod): Promise<Pod> {
  return cluster.core.namespace(metadata!.namespace!).getPod(metadata!.name!);
}

/** A pod's health label. */
export function health(pod: Pod): string | undefined {
  return pod.metadata?.labels?.["status.autocrane.io/health"];
}

/** The value of a pod's status annotation. */
export function status(pod: Pod, name: string): string | undefined {
  return pod.metadata?.annotations?.[`status.autocrane.io/${name}`];
}

/** A pod's status annotation once it is as wanted; `undefined` stands for its absence. */
export function untilStatus(
  cluster: Cluster,
  pod: Pod,
  name: string,
  wanted: RegExp | undefined,
  within?: number,
): Promise<Pod> {
  return until(`the status ${name} is ${wanted}`, async () => {
    const now = await again(cluster, pod);
    const value = status(now, name);
    return (wanted && value !== undefined ? wanted.test(value) : value === wanted) && now;
  }, within);
}

/** A pod once its label is as wanted. */
export function untilLabel(cluster: Cluster, pod: Pod, wanted: string | undefined): Promise<Pod> {
  return until(`the label is ${wanted}`, async () => {
    const now = await again(cluster, pod);
    return health(now) === wanted && now;
  });
}

/** Changes a pod's annotations, or labels, as somebody else. */
export function patchMetadata(
  cluster: Cluster,
  { metadata }: Pod,
  changes: {
    annotations?: Record<string, string | null>;
    labels?: Record<string, string | null>;
  },
): Promise<Pod> {
  return cluster.core.namespace(metadata!.namespace!).patchPod(metadata!.name!, {
    type: "merge",
    body: { metadata: changes },
  });
}

/** How often a pod's server was asked. */
export function visitsTo(cluster: Cluster, { status }: Pod): number {
  return cluster.servers.visits.filter(({ address }) => address === status!.podIP).length;
}

/** Waits until the prober has passed over so many more turns for this reason. */
export async function untilSkipped(prober: Program, why: string, turns: number): Promise<void> {
  const skipped = () => prober.metric("autocrane_watchdogprober_probes_skipped_total", { why });
  const enough = await skipped() + turns;
  await until(`${turns} turns are passed over: ${why}`, async () => await skipped() >= enough);
}
