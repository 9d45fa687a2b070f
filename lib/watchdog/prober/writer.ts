/**
 * Carries out what {@link decide} wants on each pod, however often it must look again.
 *
 * @module
 */
import type { CoreV1Api, Pod } from "../../../k8s/core_v1.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Store } from "../../kube/store.ts";
import { WriteRefused } from "../../kube/transport.ts";
import { Backoff } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { decide, isEmpty, type PodPatch } from "./decide.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { ProbedPod } from "./pod.ts";
import { FairSlots } from "./slots.ts";
import type { Verdict } from "./thresholds.ts";

/** What a writer is made of. */
export interface WriterOptions {
  readonly core: CoreV1Api;
  readonly store: Store<Pod, ProbedPod>;
  readonly verdicts: (pod: ProbedPod) => ReadonlyMap<string, Verdict>;
  readonly labelled: (pod: ProbedPod) => boolean;
  /** Whether this process is the one that writes. */
  readonly leads: () => boolean;
  readonly fieldManager: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ProberMetrics;
}

/** Writes that a pod may cause at once, and then one each so many milliseconds. */
const burst = 5;
const refillMs = 5_000;

/** How often a pod that changes under our hands is looked at again before we wait, and how long then. */
const quickConflicts = 3;
const conflictWait = { initial: 50, max: 1_000 };

/** One pod's write under way. */
interface Task {
  again: boolean;
  readonly done: Promise<void>;
}

/** How much of its burst a pod has used, and when it last did. */
interface Spent {
  readonly writes: number;
  readonly at: number;
}

/** Writes statuses: at most one write a pod at a time, limited a pod, always from its newest state. */
export class StatusWriter {
  readonly #options: WriterOptions;
  readonly #tasks = new Map<string, Task>();
  readonly #spent = new Map<string, Spent>();
  readonly #leftOut = new Map<string, number>();
  readonly #slots = new FairSlots({ total: 64, perPod: 1 });
  readonly #stopping = new AbortController();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Looks at a pod, now or as soon as its limits allow, and writes what is wanted then. */
  look(key: string): void {
    if (!this.#options.leads()) return;
    const task = this.#tasks.get(key);
    if (task) {
      task.again = true;
      return;
    }
    const started: Task = { again: true, done: Promise.resolve().then(() => this.#work(key, started)) };
    this.#tasks.set(key, started);
  }

  /** Forgets what it knows of a pod that is gone. */
  forget({ uid }: ProbedPod): void {
    this.#spent.delete(uid);
    this.#leftOut.delete(uid);
  }

  /** Begins no further write; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#tasks.values()].map(({ done }) => done));
  }

  async #work(key: string, task: Task): Promise<void> {
    const { signal } = this.#stopping;
    const refusals = new Backoff({ initial: 1000, max: 60_000 });
    const collisions = new Backoff(conflictWait);
    let conflicts = 0;
    while (task.again && !signal.aborted) {
      task.again = false;
      const outcome = await this.#once(key, conflicts > 0, signal);
      this.#options.metrics.writes.inc({ outcome }, outcome === "nothing" ? 0 : 1);
      if (outcome === "written" || outcome === "nothing" || outcome === "gone" || outcome === "not leading") {
        conflicts = 0;
        continue;
      }
      task.again = true;
      conflicts = outcome === "conflict" ? conflicts + 1 : 0;
      if (conflicts > 0 && conflicts < quickConflicts) continue;
      const wait = (conflicts > 0 ? collisions : refusals).next();
      await sleep(this.#options.clock, wait, signal);
    }
    this.#tasks.delete(key);
  }

  /** @param paid whether the pod's limit allowed this write already: others' changes must not use it up */
  async #once(key: string, paid: boolean, signal: AbortSignal): Promise<Outcome> {
    const before = this.#options.store.get(key);
    if (!before || isEmpty(this.#decide(before))) return "nothing";
    if (!paid) await this.#mayWrite(before, signal);
    if (signal.aborted) return "not leading";
    const tenant = { namespace: before.namespace, pod: before.uid };
    return await this.#slots.run(tenant, async () => {
      // Decided again now: the wait may have been long, and what is written is always the newest.
      const pod = this.#options.store.get(key);
      const patch = pod && this.#decide(pod);
      if (!patch || isEmpty(patch)) return "nothing";
      return await this.#write(pod, patch, signal).catch((error) => this.#refused(pod, error));
    });
  }

  #decide(pod: ProbedPod): PodPatch {
    const { verdicts, labelled, clock, metrics, log } = this.#options;
    const patch = decide(pod, verdicts(pod), labelled(pod), clock.now());
    if (patch.leftOut.length !== (this.#leftOut.get(pod.uid) ?? 0)) {
      this.#leftOut.set(pod.uid, patch.leftOut.length);
      if (patch.leftOut.length === 0) return patch;
      metrics.leftOut.inc(patch.leftOut.length);
      log.warn("the pod's annotations are full, so statuses are left out", {
        pod: `${pod.namespace}/${pod.name}`,
        watchdogs: patch.leftOut.length,
        first: patch.leftOut[0],
      });
    }
    return patch;
  }

  /** Waits until the pod's own limit allows a write, and counts it. */
  async #mayWrite({ uid }: ProbedPod, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { writes, at } = this.#spent.get(uid) ?? { writes: 0, at: 0 };
    const spent = Math.max(0, writes - (clock.monotonic() - at) / refillMs);
    if (spent > burst - 1) await sleep(clock, (spent - (burst - 1)) * refillMs, signal);
    this.#spent.set(uid, { writes: Math.min(spent + 1, burst), at: clock.monotonic() });
  }

  async #write(pod: ProbedPod, patch: PodPatch, signal: AbortSignal): Promise<Outcome> {
    const { core, store, fieldManager, log } = this.#options;
    const { annotations, labels, changes } = patch;
    const metadata = { uid: pod.uid, resourceVersion: pod.resourceVersion, annotations, labels };
    const written = await core.namespace(pod.namespace).patchPod(
      pod.name,
      { type: "merge", body: { metadata } },
      { fieldManager, signal },
    );
    store.written(written);
    for (const { name, to, message } of changes) {
      log.info("watchdog status", {
        pod: `${pod.namespace}/${pod.name}`,
        watchdog: name,
        level: to,
        message,
      });
    }
    return "written";
  }

  async #refused(pod: ProbedPod, error: unknown): Promise<Outcome> {
    const { core, store, log } = this.#options;
    const shown = `${pod.namespace}/${pod.name}`;
    if (error instanceof WriteRefused || this.#stopping.signal.aborted) return "not leading";
    if (isStatus(error, 404)) return "gone";
    if (!isStatus(error, 409)) {
      log.warn("cannot write a pod's statuses", { pod: shown, error: messageOf(error) });
      return "failed";
    }
    try {
      store.upsert(await core.namespace(pod.namespace).getPod(pod.name));
      return "conflict";
    } catch (again) {
      if (isStatus(again, 404)) return "gone";
      log.warn("cannot look at a pod again", { pod: shown, error: messageOf(again) });
      return "failed";
    }
  }
}

type Outcome = "written" | "nothing" | "conflict" | "gone" | "failed" | "not leading";
