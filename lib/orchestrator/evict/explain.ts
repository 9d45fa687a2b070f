/**
 * Says why: each decision and outcome once a change, in the same words as an Event, a metric and a log line.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";
import { cleanText } from "../../contract/text.ts";
import type { Recorder } from "../../kube/recorder.ts";
import type { Log } from "../../runtime/log.ts";
import { Counter, type Registry } from "../../runtime/metrics.ts";
import type { JudgedPod } from "../pod.ts";
import { refusals } from "./act.ts";
import { rules } from "./decide.ts";

/** Every word that an explanation may have for its reason. docs/operations.md explains each. */
export const reasons = [...rules, ...refusals, "dry-run", "watchdogs-clear"] as const;

/** One of the {@link reasons}. */
export type Reason = typeof reasons[number];

/** Something to say about a pod. */
export interface Explanation {
  readonly pod: JudgedPod;
  /** `refuse` where the API server, or we, would not evict; `clear` when the pod fails no longer. */
  readonly did: "evict" | "hold" | "exclude" | "refuse" | "clear";
  readonly rule: Reason;
  readonly words: string;
}

/** Where explanations go. */
export interface ExplainerOptions {
  readonly recorder: Pick<Recorder, "record">;
  readonly log: Log;
  readonly registry: Registry;
}

/** What is said in the log alone: the pod is on its way out, its Events with it, or we may not write any. */
const quiet: ReadonlySet<Reason> = new Set(["terminating", "finished", "gone", "not-leading"]);

/** Remembers what was said last of each pod, and says what is new. */
export class Explainer {
  /** By pod: what was said last, and whether by this process. */
  readonly #said = new Map<PodUid, { readonly text: string; readonly aloud: boolean }>();
  readonly #options: ExplainerOptions;
  readonly #decisions: Counter<"did" | "rule">;

  constructor(options: ExplainerOptions) {
    this.#options = options;
    this.#decisions = new Counter({
      name: "autocrane_orchestrate_decisions_total",
      help: "Decisions about failing pods, counted once a change, by what was done and why.",
      labelNames: ["did", "rule"],
      registers: [options.registry],
    });
  }

  /**
   * Says an explanation if it is another than the pod's last. A new leader says what stands once more: its
   * predecessor may have ended before it could.
   *
   * @param aloud false where another process leads, which says it
   */
  say({ pod, did, rule, words }: Explanation, aloud: boolean): void {
    const text = `${did} ${rule}`;
    const last = this.#said.get(pod.uid);
    if (last?.text === text && (last.aloud || !aloud)) return;
    this.#said.set(pod.uid, { text, aloud });
    if (!aloud) return;
    const { recorder, log } = this.#options;
    this.#decisions.inc({ did, rule });
    log.info("decision", { pod: `${pod.namespace}/${pod.name}`, did, rule, why: words });
    if (quiet.has(rule)) return;
    const { namespace, name, uid } = pod;
    recorder.record({ apiVersion: "v1", kind: "Pod", namespace, name, uid }, {
      type: did === "clear" ? "Normal" : "Warning",
      reason: camelCase(rule),
      action: camelCase(did),
      note: cleanText(`${intro[did]}: ${words}`, 1000),
    });
  }

  /** Whether anything was said of this pod that still stands. */
  hasSpokenOf(uid: PodUid): boolean {
    return this.#said.has(uid);
  }

  /** The pods of which something was said. */
  spokenOf(): PodUid[] {
    return [...this.#said.keys()];
  }

  /** Forgets a pod: what is said of it next is new. */
  forget(uid: PodUid): void {
    this.#said.delete(uid);
  }
}

/** How an Event's note begins. */
const intro = {
  evict: "Evicted by AutoCrane",
  hold: "Not evicted for now",
  exclude: "Not evicted",
  refuse: "Eviction refused",
  clear: "Watchdogs are clear",
} as const;

/** `workload-busy` as Events spell it: `WorkloadBusy`. */
function camelCase(words: string): string {
  return words.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
