/**
 * What rollouts say, in the same words everywhere: an Event on what it is about, a metric and a log line.
 *
 * @module
 */
import { cleanText } from "../../contract/text.ts";
import type { EventNote, Recorder, Regarding } from "../../kube/recorder.ts";
import type { Log } from "../../runtime/log.ts";
import { Counter, type Registry } from "../../runtime/metrics.ts";
import type { Workload } from "../workload.ts";
import type { RequestOutcome } from "./act.ts";
import type { DataRequest, RequestRule, Said } from "./decide.ts";
import type { Look } from "./observe.ts";
import { withShortNames } from "./short_names.ts";
import type { HappeningRule } from "./state.ts";
import type { HeldState } from "./store.ts";
import { shown } from "./view.ts";

/** Where it is said. */
export interface TellerOptions {
  readonly recorder: Pick<Recorder, "record">;
  /** AutoCrane's own namespace, where the states are. */
  readonly own: string;
  readonly log: Log;
  readonly registry: Registry;
}

/** What is not as it should be: people look for these. */
const warnings: ReadonlySet<HappeningRule> = new Set([
  "canary-failing",
  "canary-replaced",
  "rejected",
  "held",
  "rebuilt",
]);

/** Requests that are out of the ordinary: the others, of every new pod and at every promotion, are in the log. */
const notable: ReadonlySet<RequestRule> = new Set(["canary", "put-back", "overwritten"]);

/** Most workloads that get the Event of one happening. */
const mostWorkloads = 10;

/** Says what rollouts do. */
export class Teller {
  readonly #options: TellerOptions;
  readonly #happenings: Counter<"rule">;
  readonly #requests: Counter<"rule" | "outcome">;
  readonly #writes: Counter<"outcome">;

  constructor(options: TellerOptions) {
    this.#options = options;
    const registers = [options.registry];
    const prefix = "autocrane_orchestrate_data_";
    this.#happenings = new Counter({
      name: `${prefix}happenings_total`,
      help: "What happened to sources of data, by rule.",
      labelNames: ["rule"],
      registers,
    });
    this.#requests = new Counter({
      name: `${prefix}requests_total`,
      help: "Requests for data versions, by why and outcome.",
      labelNames: ["rule", "outcome"],
      registers,
    });
    this.#writes = new Counter({
      name: `${prefix}state_writes_total`,
      help: "Writes of the rollouts' state by outcome.",
      labelNames: ["outcome"],
      registers,
    });
  }

  /**
   * Says what happened: on the pod that it is about, else on the workloads that deploy the source, and where there
   * are none on the state's ConfigMap.
   */
  happened(said: Said, { model, pods, workloadOf }: Look, held: HeldState | undefined): void {
    const { source, rule, words, version } = said;
    const { namespace } = model;
    this.#happenings.inc({ rule });
    const level = warnings.has(rule) ? "warn" : "info";
    const about = said.pod && { pod: said.pod.name };
    this.#options.log[level]("data", {
      namespace,
      source,
      rule,
      version: version?.path,
      ...about,
      why: words,
    });
    const note = noteOf(warnings.has(rule), rule, "JudgeData", `${source}: ${words}`);
    if (said.pod) return this.#record({ ...podOf(namespace, said.pod.name), uid: said.pod.uid }, note);
    const deploying = pods.filter(({ data }) => data!.deployments.some((one) => one.source === source));
    const workloads = distinct(deploying.map(workloadOf)).slice(0, mostWorkloads);
    for (const { apiVersion, kind, name, uid } of workloads) {
      this.#record({ apiVersion, kind, namespace, name, uid }, note);
    }
    if (workloads.length === 0 && held) this.#record(configMapOf(this.#options.own, held), note);
  }

  /** Says what became of a pod's requests. */
  asked(namespace: string, requests: readonly DataRequest[], outcome: RequestOutcome): void {
    const { log } = this.#options;
    for (const { pod, name, source, version, why } of requests) {
      this.#requests.inc({ rule: why.rule, outcome: outcome.did });
      const fields = { pod: `${namespace}/${pod.name}`, data: name, source, version: version.path };
      if (outcome.did === "failed") {
        log.warn("cannot ask a pod for data", { ...fields, error: outcome.error });
      } else if (outcome.did === "asked") {
        log.info("data request", { ...fields, rule: why.rule, why: why.words });
        if (!notable.has(why.rule)) continue;
        const words = `${name}: asked for ${shown(version)}: ${why.words}`;
        const note = noteOf(why.rule === "put-back", why.rule, "RequestData", words);
        this.#record({ ...podOf(namespace, pod.name), uid: pod.uid }, note);
      }
    }
  }

  /** Says what would be asked for, were this no dry run. */
  wouldAsk(namespace: string, { pod, name, source, version, why }: DataRequest): void {
    this.#requests.inc({ rule: why.rule, outcome: "dry-run" });
    const fields = { pod: `${namespace}/${pod.name}`, data: name, source, version: version.path };
    this.#options.log.info("data request (dry run)", { ...fields, rule: why.rule, why: why.words });
  }

  /** Counts a write of a state. */
  wrote(outcome: "written" | "conflict" | "failed"): void {
    this.#writes.inc({ outcome });
  }

  /** Says that a state cannot be read, so that nothing is decided in its namespace. */
  unreadable(held: HeldState, problem: string): void {
    const words = `The ConfigMap ${this.#options.own}/${held.name} ${problem}: no data is asked for in the ` +
      `namespace ${held.namespace}. Mend it, or delete it: it is then made anew from what pods have, without ` +
      "pins and rejections.";
    this.#options.log.error("a rollout state cannot be read", { name: held.name, problem });
    this.#record(configMapOf(this.#options.own, held), noteOf(true, "unreadable-state", "HoldData", words));
  }

  /** Says what is wrong with a pod's annotations. */
  problem(namespace: string, pod: { readonly name: string; readonly uid: string }, words: string): void {
    this.#options.log.warn("a pod's data annotations", { pod: `${namespace}/${pod.name}`, problem: words });
    const note = noteOf(true, "unmanaged-data", "IgnoreData", words);
    this.#record({ ...podOf(namespace, pod.name), uid: pod.uid }, note);
  }

  #record(regarding: Regarding, note: EventNote): void {
    this.#options.recorder.record(regarding, note);
  }
}

function noteOf(warns: boolean, rule: string, action: string, words: string): EventNote {
  return {
    type: warns ? "Warning" : "Normal",
    reason: `Data${camelCase(rule)}`,
    action,
    note: cleanText(withShortNames(words), 1000),
  };
}

function podOf(namespace: string, name: string): Omit<Regarding, "uid"> {
  return { apiVersion: "v1", kind: "Pod", namespace, name };
}

function configMapOf(own: string, { name, uid }: HeldState): Regarding {
  return { apiVersion: "v1", kind: "ConfigMap", namespace: own, name, uid };
}

function distinct(workloads: readonly (Workload | undefined)[]): Workload[] {
  return [...new Map(workloads.flatMap((one) => one ? [[one.uid, one] as const] : [])).values()];
}

/** `canary-failing` as Events spell it: `CanaryFailing`. */
function camelCase(words: string): string {
  return words.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
