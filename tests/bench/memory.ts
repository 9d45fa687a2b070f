/**
 * Memory of the real programs with many real pods cached, above the same program's with none.
 *
 * @module
 */
import { Cluster, missing, type Mode } from "../cluster/support/cluster.ts";
import type { Program } from "../cluster/support/program.ts";
import { pass, until } from "../cluster/support/wait.ts";
import type { Figure } from "./figure.ts";
import { replicas, templateOf, workloadOf } from "./pods.ts";

const pods = 10_000;
/** Deployments that are made at once. */
const atOnce = 8;
/** Most anonymous memory that the pods may take, MiB. */
const aim = 48;

/**
 * A program's memory has settled when it has not grown over so many looks, milliseconds apart: what the first list
 * left behind is given back about a minute later. The last of them count.
 */
const looks = 24;
const counted = 6;
const every = 5_000;

/** The programs that hold pods, and how each shows that it holds so many. */
const measured = [
  { mode: "watchdogprober", holds: watches },
  { mode: "orchestrate", holds: hasScanned },
] as const;

async function watches(program: Program, count: number): Promise<boolean> {
  return await program.metric("autocrane_watchdogprober_watchdogs") === count;
}

async function hasScanned(program: Program): Promise<boolean> {
  return await program.metric("autocrane_orchestrate_scans_total", { outcome: "counted" }) > 0;
}

/** Measures each program, without pods and with them. */
export async function memoryFigures(): Promise<Figure[]> {
  if (missing !== undefined) {
    return [{ what: "memory", value: "skipped", meaning: `no control plane: ${missing}` }];
  }
  await using cluster = await Cluster.start();
  const empty = await cluster.namespace();
  const full = await cluster.namespace();
  await createPods(cluster, full);
  const figures: Figure[] = [];
  for (const { mode, holds } of measured) {
    const idle = await memoryOf(cluster, mode, empty, (program) => holds(program, 0));
    const loaded = await memoryOf(cluster, mode, full, (program) => holds(program, pods));
    figures.push(figureOf(mode, idle, loaded));
  }
  return figures;
}

function figureOf(mode: Mode, idle: number, loaded: number): Figure {
  const above = (loaded - idle) / 1024;
  return {
    what: `memory of ${mode}`,
    value: `${above.toFixed(1)} MiB`,
    aim: `at most ${aim} MiB`,
    met: above <= aim,
    meaning: `anonymous memory with ${pods} real pods cached (${(loaded / 1024).toFixed(0)} MiB) ` +
      `above that with none (${(idle / 1024).toFixed(0)} MiB)`,
  };
}

async function createPods({ apps, servers }: Cluster, namespace: string): Promise<void> {
  const workloads = Array.from({ length: pods / replicas }, (_, n) => workloadOf(n * replicas));
  const create = async () => {
    for (let name = workloads.pop(); name !== undefined; name = workloads.pop()) {
      const template = templateOf(name, servers.port);
      await apps.namespace(namespace).createDeployment({
        metadata: { name },
        spec: {
          replicas,
          selector: { matchLabels: { app: name } },
          template: { ...template, spec: { ...template.spec!, nodeName: "node-1" } },
        },
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, create));
  await until("every pod runs", async () => {
    const { items } = await apps.namespace(namespace).getDeploymentList();
    return items.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0) === pods;
  }, 300_000);
}

/** Anonymous memory of a program that follows one namespace, once it has settled, KiB. */
async function memoryOf(
  cluster: Cluster,
  mode: Mode,
  namespace: string,
  synced: (program: Program) => Promise<boolean>,
): Promise<number> {
  const scans = mode === "orchestrate" ? ["--AutoCrane:ScanIntervalSeconds=10"] : [];
  await using program = await cluster.run(mode, [`--AutoCrane:Namespaces=${namespace}`, ...scans]);
  await program.said("leading");
  await until(`${mode} holds every pod`, () => synced(program), 120_000);
  return await settledMemory(program);
}

/** The most of the last looks, once there were enough that saw no more than was seen before. */
async function settledMemory({ process }: Program): Promise<number> {
  let most = 0;
  let last: number[] = [];
  while (last.length < looks) {
    await pass(every);
    const now = anonymousOf(process.pid);
    last = now > most ? [] : [...last, now];
    most = Math.max(most, now);
  }
  return Math.max(...last.slice(-counted));
}

function anonymousOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]);
}
