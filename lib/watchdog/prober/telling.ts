/**
 * What the status writer tells of its work: one place for its log lines and counts.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { DataChange } from "../data/decide.ts";
import type { PodPatch, StatusChange } from "./decide.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { ProbedPod } from "./pod.ts";

/** What became of one look at a pod. */
export type Outcome =
  | {
    readonly did: "written";
    readonly pod: ProbedPod;
    readonly changes: readonly StatusChange[];
    readonly data: readonly DataChange[];
  }
  | {
    readonly did: "failed";
    readonly pod: ProbedPod;
    readonly doing: "write" | "look";
    readonly error: unknown;
  }
  | { readonly did: "nothing" | "conflict" | "gone" | "not-leading" };

const cannot = { write: "cannot write a pod's statuses", look: "cannot look at a pod again" } as const;

/** Tells what was written, what could not be, and which statuses have no room. */
export class Telling {
  readonly #metrics: Pick<ProberMetrics, "writes" | "leftOut" | "faults">;
  readonly #log: Log;
  readonly #leftOut = new Map<PodUid, ReadonlySet<string>>();

  constructor(metrics: Pick<ProberMetrics, "writes" | "leftOut" | "faults">, log: Log) {
    this.#metrics = metrics;
    this.#log = log;
  }

  /** Tells what became of a look, where that is anything. */
  outcome(outcome: Outcome): void {
    if (outcome.did === "nothing") return;
    this.#metrics.writes.inc({ outcome: outcome.did });
    if (outcome.did === "written") {
      for (const { name, to, message } of outcome.changes) {
        this.#log.info("watchdog status", { pod: shown(outcome.pod), watchdog: name, level: to, message });
      }
      for (const { name, to } of outcome.data) this.#tellData(outcome.pod, name, to);
    } else if (outcome.did === "failed") {
      this.#log.warn(cannot[outcome.doing], { pod: shown(outcome.pod), error: messageOf(outcome.error) });
    }
  }

  #tellData(pod: ProbedPod, data: string, status: DataChange["to"]): void {
    const { state = "removed", path, fault, message, probed } = status ?? {};
    const told = { pod: shown(pod), data, state, version: path, fault, message };
    this.#log.info("data status", { ...told, ...(state === "applied" && { probed: probed !== undefined }) });
  }

  /** Tells which statuses are left out that were not before. */
  leftOut(pod: ProbedPod, { leftOut }: PodPatch): void {
    const before = this.#leftOut.get(pod.uid);
    const news = leftOut.filter((name) => !before?.has(name));
    if (leftOut.length === 0) this.#leftOut.delete(pod.uid);
    else if (news.length > 0 || leftOut.length !== before?.size) this.#leftOut.set(pod.uid, new Set(leftOut));
    if (news.length === 0) return;
    this.#metrics.leftOut.inc(news.length);
    this.#log.warn("the pod's annotations are full, so statuses are left out", {
      pod: shown(pod),
      watchdogs: leftOut.length,
      first: news[0],
    });
  }

  /** Forgets what it told of a pod that is gone. */
  forget(uid: PodUid): void {
    this.#leftOut.delete(uid);
  }
}

function shown({ namespace, name }: ProbedPod): string {
  return `${namespace}/${name}`;
}
