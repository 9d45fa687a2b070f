/**
 * The prober with its real collaborators, over a store that holds pods whose statuses need no write.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { Store } from "../../../lib/kube/store.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { prober as probeOver } from "../../../lib/watchdog/probe/probe.ts";
import { type ProberMetrics, proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { podReader, type ProbedPod } from "../../../lib/watchdog/prober/pod.ts";
import { Prober } from "../../../lib/watchdog/prober/prober.ts";
import { FairSlots } from "../../../lib/watchdog/prober/slots.ts";
import { StatusWriter } from "../../../lib/watchdog/prober/writer.ts";
import { runningPod } from "../pods.ts";
import { addressOf, type Caller, type Load } from "./caller.ts";
import { silentLog as log } from "../../support/silent_log.ts";

/** In a steady state nothing is written: a call of the API server would spoil the figure. */
function refuse(): never {
  throw new Error("the prober called the API server");
}
const noServer: KubeClient = { json: refuse, text: refuse, stream: refuse, watch: refuse };

/** A fault ends the process, and the measurement with it. */
function failed(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** The prober, probing every pod once an interval. */
export function proberCaller({ pods, port, interval }: Load): Caller {
  const store = new Store<Pod, ProbedPod>(podReader({
    defaults: { interval, timeout: Math.min(interval, 5000) },
    probeHostNetwork: false,
    fieldManager: fieldManager.watchdogprober,
  }));
  for (let n = 0; n < pods; n++) store.upsert(runningPod(n, addressOf(n), port));
  const metrics = proberMetrics(new Registry());
  const prober = proberOver(store, metrics);
  return {
    async begin() {
      prober.start();
      // The first probes after a start have a verdict to tell: they are not the steady state.
      await pass(interval);
    },
    async interval() {
      const before = await goodProbes(metrics);
      await pass(interval);
      return await goodProbes(metrics) - before;
    },
    end: () => prober.stop(),
  };
}

function proberOver(store: Store<Pod, ProbedPod>, metrics: ProberMetrics): Prober {
  const writer = new StatusWriter({
    core: new CoreV1Api(noServer),
    store,
    verdicts: (pod) => prober.verdicts(pod),
    told: () => undefined,
    labelled: () => true,
    leads: () => true,
    fieldManager: fieldManager.watchdogprober,
    failed,
    clock,
    log,
    metrics,
  });
  const prober: Prober = new Prober({
    store,
    probe: probeOver({ clock, userAgent: "autocrane-watchdogprober/bench" }),
    sockets: new FairSlots({ total: 4096, perPod: 16 }),
    writer,
    deployers: { take: () => {}, drop: () => {}, clear: () => {}, probed: () => {} },
    failed,
    clock,
    log,
    metrics,
  });
  return prober;
}

/** Good probes so far; a bad one ends the measurement, as it costs something else. */
async function goodProbes({ probes }: ProberMetrics): Promise<number> {
  const { values } = await probes.get();
  const bad = values.find(({ labels }) => labels.result !== "ok");
  if (bad) throw new Error(`${bad.value} probes failed: ${bad.labels.result}`);
  return values[0]?.value ?? 0;
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
