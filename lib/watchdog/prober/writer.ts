/**
 * Carries out what {@link decide} wants on each pod, however often it must look again.
 *
 * @module
 */
import type { CoreV1Api, Pod } from "../../../k8s/core_v1.ts";
import type { PodUid } from "../../contract/ids.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Store } from "../../kube/store.ts";
import { WriteRefused } from "../../kube/transport.ts";
import { Backoff } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { Told } from "../data/decide.ts";
import { decide, isEmpty, type PodPatch } from "./decide.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { ProbedPod } from "./pod.ts";
import { FairSlots } from "./slots.ts";
import { type Outcome, Telling } from "./telling.ts";
import type { Verdict } from "./thresholds.ts";

/** What a writer is made of. */
export interface WriterOptions {
  readonly core: CoreV1Api;
  readonly store: Store<Pod, ProbedPod>;
  readonly verdicts: (pod: ProbedPod) => ReadonlyMap<string, Verdict>;
  /** What a pod's deployer said of its data. */
  readonly told: (pod: ProbedPod) => Told;
  readonly labelled: (pod: ProbedPod) => boolean;
  /** Whether this process is the one that writes. */
  readonly leads: () => boolean;
  readonly fieldManager: string;
  /** Told of what only a fault of ours can be; the pod is looked at again when something happens to it. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ProberMetrics;
}

/**
 * Writes that a pod may cause at once, and then one each so many milliseconds. A version of data that is tried and
 * put back causes eight: fetched, applied, probed and in error, and the same on the way back.
 */
const burst = 10;
const refillMs = 2_000;

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
  readonly #spent = new Map<PodUid, Spent>();
  readonly #telling: Telling;
  readonly #slots = new FairSlots({ total: 64, perPod: 1 });
  readonly #stopping = new AbortController();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#telling = new Telling(options.metrics, options.log);
    // Whoever leads: what is known of a pod goes with it.
    options.store.onChange(({ before, after }) => {
      if (before && before.uid !== after?.uid) this.#forget(before.uid);
    });
  }

  /** Looks at a pod, now or as soon as its limits allow, and writes what is wanted then. */
  look(key: string): void {
    if (!this.#options.leads()) return;
    const task = this.#tasks.get(key);
    if (task) {
      task.again = true;
      return;
    }
    const started: Task = {
      again: true,
      done: Promise.resolve().then(() => this.#work(key, started)).catch(this.#options.failed),
    };
    this.#tasks.set(key, started);
  }

  /** Begins no further write; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#tasks.values()].map(({ done }) => done));
  }

  #forget(uid: PodUid): void {
    this.#spent.delete(uid);
    this.#telling.forget(uid);
  }

  async #work(key: string, task: Task): Promise<void> {
    try {
      await this.#settle(key, task);
    } finally {
      this.#tasks.delete(key);
    }
  }

  /** Looks until nothing is left to write. */
  async #settle(key: string, task: Task): Promise<void> {
    const { signal } = this.#stopping;
    const refusals = new Backoff({ initial: 1000, max: 60_000 });
    const collisions = new Backoff(conflictWait);
    let conflicts = 0;
    while (task.again && !signal.aborted) {
      task.again = false;
      const outcome = await this.#once(key, conflicts > 0, signal);
      this.#telling.outcome(outcome);
      if (outcome.did !== "conflict" && outcome.did !== "failed") {
        conflicts = 0;
        continue;
      }
      task.again = true;
      conflicts = outcome.did === "conflict" ? conflicts + 1 : 0;
      if (conflicts > 0 && conflicts < quickConflicts) continue;
      const wait = (conflicts > 0 ? collisions : refusals).next();
      await sleep(this.#options.clock, wait, signal);
    }
  }

  /** @param paid whether the pod's limit allowed this write already: others' changes must not use it up */
  async #once(key: string, paid: boolean, signal: AbortSignal): Promise<Outcome> {
    const before = this.#options.store.get(key);
    if (!before) return { did: "nothing" };
    const first = this.#decide(before);
    this.#telling.leftOut(before, first);
    if (isEmpty(first)) return { did: "nothing" };
    if (!paid) await this.#mayWrite(key, before, signal);
    if (signal.aborted) return { did: "not-leading" };
    const tenant = { namespace: before.namespace, pod: before.uid };
    return await this.#slots.run(tenant, async () => {
      // Decided again now: the wait may have been long, and what is written is always the newest.
      const pod = this.#options.store.get(key);
      const patch = pod && this.#decide(pod);
      if (!patch || isEmpty(patch)) return { did: "nothing" };
      return await this.#write(pod, patch, signal).catch((error) => this.#refused(pod, error));
    });
  }

  #decide(pod: ProbedPod): PodPatch {
    const { verdicts, told, labelled, clock } = this.#options;
    return decide(pod, verdicts(pod), labelled(pod), clock.now(), told(pod));
  }

  /** Waits until the pod's own limit allows a write, and counts it. */
  async #mayWrite(key: string, { uid }: ProbedPod, signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#options;
    const { writes, at } = this.#spent.get(uid) ?? { writes: 0, at: 0 };
    const spent = Math.max(0, writes - (clock.monotonic() - at) / refillMs);
    if (spent > burst - 1) await sleep(clock, (spent - (burst - 1)) * refillMs, signal);
    // It may have gone meanwhile, and nobody would forget it a second time.
    if (store.get(key)?.uid !== uid) return;
    this.#spent.set(uid, { writes: Math.min(spent + 1, burst), at: clock.monotonic() });
  }

  async #write(pod: ProbedPod, patch: PodPatch, signal: AbortSignal): Promise<Outcome> {
    const { core, store, fieldManager } = this.#options;
    const { annotations, labels, changes, data } = patch;
    const metadata = { uid: pod.uid, resourceVersion: pod.resourceVersion, annotations, labels };
    const written = await core.namespace(pod.namespace).patchPod(
      pod.name,
      { type: "merge", body: { metadata } },
      { fieldManager, signal },
    );
    store.written(written);
    return { did: "written", pod, changes, data };
  }

  async #refused(pod: ProbedPod, error: unknown): Promise<Outcome> {
    if (error instanceof WriteRefused || this.#stopping.signal.aborted) return { did: "not-leading" };
    if (isStatus(error, 404)) return this.#gone(pod);
    if (!isStatus(error, 409)) return { did: "failed", pod, doing: "write", error };
    const { core, store } = this.#options;
    try {
      const now = await core.namespace(pod.namespace).getPod(pod.name);
      if (now.metadata?.uid !== pod.uid) return this.#gone(pod);
      // The watch may have told meanwhile that it was deleted: then it stays so.
      store.written(now);
      return { did: "conflict" };
    } catch (again) {
      return isStatus(again, 404) ? this.#gone(pod) : { did: "failed", pod, doing: "look", error: again };
    }
  }

  /** The server has no such pod any more, or its name belongs to another, which the watch will show. */
  #gone({ namespace, name, uid }: ProbedPod): Outcome {
    this.#options.store.remove({ metadata: { namespace, name, uid } });
    return { did: "gone" };
  }
}
