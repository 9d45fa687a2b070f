/**
 * From a push to its canaries, with many deployers on a real control plane.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { Cluster, home, missing } from "../../cluster/support/cluster.ts";
import { source } from "../../cluster/support/data_ground.ts";
import type { DeployerSettings } from "../../cluster/support/data_node.ts";
import { isAt, requestOf } from "../../cluster/support/data_sightings.ts";
import { Stage } from "../../cluster/support/data_stage.ts";
import { until } from "../../cluster/support/wait.ts";
import { Child } from "../child.ts";
import { type Figure, median } from "../figure.ts";

/** 200 pods, a quarter of which are canaries. */
const shape = { workloads: 10, replicas: 20, probation: 1, probeInterval: 5 };
const canaries = shape.workloads * shape.replicas / 4;
/** Processes that hold all deployers: one would hold each of them up. */
const processes = 2;
/** Pushes that count; one more comes first. */
const pushes = 5;
/** Milliseconds from the hook to a canary that is known to have applied, but for one in a hundred. */
const aim = 2000;

/** Longest that one step may take, milliseconds. */
const patience = 240_000;

/** What one push took, milliseconds since the hook was called, by canary. */
interface Push {
  readonly asked: readonly number[];
  readonly applied: readonly number[];
}

/** Measures pushes, one after another, each once everybody has the one before. */
export async function pushFigures(folder: string): Promise<Figure[]> {
  if (missing !== undefined) {
    return [{ what: "push to canaries", value: "skipped", meaning: `no control plane: ${missing}` }];
  }
  await using disposal = new AsyncDisposableStack();
  const children: Child[] = [];
  for (let n = 0; n < processes; n++) {
    children.push(disposal.use(await Child.start("data/deployers.ts", [], folder)));
  }
  const cluster = disposal.use(await Cluster.start());
  let started = 0;
  const start = (settings: DeployerSettings) => startIn(children[started++ % processes]!, settings);
  const stage = disposal.use(await Stage.start(cluster, shape, start));
  await stage.settled(patience);
  const seen: Push[] = [];
  for (let n = 0; n <= pushes; n++) {
    const push = await onePush(stage);
    if (n > 0) seen.push(push);
  }
  return figures(seen);
}

async function startIn({ port }: Child, settings: DeployerSettings): Promise<AsyncDisposable> {
  const body = JSON.stringify(settings);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
  if (!answer.ok) throw new Error(`no deployer: ${await answer.text()}`);
  // It ends with its process.
  return { [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Pushes, and notes when each of the first pods that are asked for the version is known to have it. */
async function onePush(stage: Stage<AsyncDisposable>): Promise<Push> {
  const old = (await stage.repository.newest(source))!.version;
  const asked = new Map<string, number>();
  const applied = new Map<string, number>();
  let began = 0;
  let over = false;
  stage.cluster.kubelet.onChange(({ key, after }) => {
    if (over || began === 0 || !after) return;
    if (isAsked(after, old) && asked.size < canaries && !asked.has(key)) {
      asked.set(key, performance.now() - began);
    }
    if (asked.has(key) && isApplied(after, old) && !applied.has(key)) {
      applied.set(key, performance.now() - began);
    }
  });
  await stage.publish();
  began = performance.now();
  await stage.repository.poke(source);
  try {
    await until("every canary has applied it", () => applied.size === canaries, patience);
  } catch (error) {
    throw new Error(
      `of ${asked.size} pods that were asked ${applied.size} applied it: ${await stateOf(stage)}`,
      {
        cause: error,
      },
    );
  }
  over = true;
  await stage.settled(patience);
  return { asked: [...asked.values()], applied: [...applied.values()] };
}

/** What the orchestrator remembers: a busy machine's probes can fail, and then a push is rejected rather than slow. */
async function stateOf({ cluster, namespace }: Stage<AsyncDisposable>): Promise<string> {
  const { data } = await cluster.core.namespace(home).getConfigMap(`data-${namespace}`);
  return data?.state ?? "it has no state";
}

function isAsked(pod: Pod, old: string): boolean {
  const request = requestOf(pod);
  return request !== undefined && request.version !== old;
}

function isApplied(pod: Pod, old: string): boolean {
  return isAsked(pod, old) && isAt(pod, requestOf(pod)!.version);
}

function figures(seen: readonly Push[]): Figure[] {
  const applied = seen.flatMap((push) => push.applied);
  const asked = median(seen.flatMap((push) => push.asked));
  const p99 = percentile(applied, 99);
  const shown = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const meaning = `from the hook until the status of a canary says applied: ${canaries} canaries of ` +
    `${canaries * 4} pods, ${seen.length} pushes; asked after ${shown(asked)}`;
  return [
    {
      what: "push to canary, p50",
      value: shown(median(applied)),
      meaning: `${meaning}; git-sync, polling each second, has no canaries: 0.8 to 1.9 s`,
    },
    {
      what: "push to canary, p99",
      value: shown(p99),
      aim: `at most ${shown(aim)}`,
      met: p99 <= aim,
      meaning:
        `the same; the deployers are real, in ${processes} processes, and the control plane, repository, ` +
        "prober and orchestrator share the machine with them",
    },
  ];
}

function percentile(numbers: readonly number[], percent: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * percent / 100) - 1)]!;
}
