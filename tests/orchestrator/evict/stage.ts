/**
 * An evictor on a stage: its cluster, its API server and its listeners are what a test says.
 *
 * @module
 */
import type { Outcome, OutcomeKind } from "../../../lib/orchestrator/evict/act.ts";
import { Evictor, type Observation } from "../../../lib/orchestrator/evict/evictor.ts";
import { Explainer } from "../../../lib/orchestrator/evict/explain.ts";
import type { DataReturn, Limits } from "../../../lib/orchestrator/evict/model.ts";
import type { JudgedPod } from "../../../lib/orchestrator/pod.ts";
import type { Workload } from "../../../lib/orchestrator/workload.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { limits, metric, minute, workload } from "../build.ts";
import { silentLog } from "../../support/silent_log.ts";

/** An outcome of this kind. */
export function outcome(kind: OutcomeKind, retryAfter?: number): Outcome {
  return { kind, words: `it is ${kind}`, ...(retryAfter !== undefined && { retryAfter }) };
}

/** The stage. What is public a test may change between scans. */
export class Stage {
  readonly clock = new FakeClock();
  readonly registry = new Registry();
  /** The pods that are seen. */
  pods: JudgedPod[] = [];
  /** Each pod's workload. */
  workloadOf: (pod: JudgedPod) => Workload | undefined = (pod) => pod.controller && workload();
  proberWorks = true;
  pausedNamespaces: ReadonlySet<string> = new Set();
  /** Whether a pod's data is being put back, or was lately. */
  putBackOf: (pod: JudgedPod) => DataReturn | undefined = () => undefined;
  /** The pods that the evictor told to be down by its hand. */
  readonly evicted: string[] = [];
  /** Why what is seen is not to be relied on. */
  stale: string | undefined;
  leads = true;
  /** What becomes of an eviction. */
  answer: (pod: JudgedPod) => Outcome | Promise<Outcome> = () => outcome("evicted");
  /** The names of the pods whose eviction was asked for. */
  readonly asked: string[] = [];
  /** Every Event: the pod's name, what was done, why. */
  readonly said: string[] = [];
  /** The messages of log lines, but for decisions. */
  readonly logged: string[] = [];
  readonly evictor: Evictor;

  constructor(changes: Partial<Limits> = {}) {
    const { clock, registry } = this;
    const log = {
      ...silentLog,
      info: (message: string) => void (message !== "decision" && this.logged.push(message)),
      warn: (message: string) => void this.logged.push(message),
    };
    this.evictor = new Evictor({
      observe: () => this.#observe(),
      evict: async (pod) => {
        this.asked.push(pod.name);
        return await this.answer(pod);
      },
      leads: () => this.leads,
      evicted: (uid) => void this.evicted.push(uid),
      limits: { ...limits, ...changes },
      explainer: new Explainer({
        recorder: {
          record: ({ name }, { action, reason }) => void this.said.push(`${name} ${action} ${reason}`),
        },
        log,
        registry,
      }),
      clock,
      log,
      registry,
    });
  }

  #observe(): Observation | { readonly stale: string } {
    if (this.stale !== undefined) return { stale: this.stale };
    const { pods, workloadOf, proberWorks, pausedNamespaces, putBackOf } = this;
    return { pods, workloadOf, putBackOf, proberWorks, pausedNamespaces, nodes: new Map([["n1", true]]) };
  }

  /** So many scans, a minute before each. */
  async scan(times = 1): Promise<void> {
    for (let scan = 0; scan < times; scan++) {
      this.clock.suspend(minute);
      await this.evictor.scan();
    }
  }

  /** A metric of the evictor. */
  metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return metric(this.registry, `autocrane_orchestrate_${name}`, labels);
  }
}
