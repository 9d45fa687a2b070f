/**
 * The prober: pods in the store become probes, and reads of their deployers, on a schedule; what probes find
 * becomes verdicts; what changes something becomes a write.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import type { PodUid } from "../../contract/ids.ts";
import type { Change, Store } from "../../kube/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { Deployers } from "../data/deployers.ts";
import type { ProbeHttp } from "../probe/probe.ts";
import { decidesAlike, nextExpiry } from "./decide.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { ProbedPod } from "./pod.ts";
import type { FairSlots } from "./slots.ts";
import { extend, levelOf, type Verdict } from "./thresholds.ts";
import { Watchdogs, type Watched } from "./watchdogs.ts";
import type { StatusWriter } from "./writer.ts";

/** What a prober is made of. */
export interface ProberOptions {
  readonly store: Store<Pod, ProbedPod>;
  readonly probe: ProbeHttp;
  readonly sockets: FairSlots;
  readonly writer: Pick<StatusWriter, "look">;
  /** What pods deploy is read beside. */
  readonly deployers: Pick<Deployers, "take" | "drop" | "clear" | "probed">;
  /** Told of what only a fault of ours can be; probing goes on. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ProberMetrics;
}

const noVerdicts: ReadonlyMap<string, Verdict> = new Map();

/** Longest wait for an expiry, milliseconds: the wall clock may be set, and timers have a limit. */
const maxWait = 60_000;

/** Probes every watchdog of every pod in the store, from {@link Prober.start} to {@link Prober.stop}. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #watchdogs: Watchdogs;
  readonly #expiries = new Map<PodUid, () => void>();
  #controller: AbortController | undefined;

  constructor(options: ProberOptions) {
    const { clock, log, metrics, store } = options;
    this.#options = options;
    this.#watchdogs = new Watchdogs({ turn: (watched) => this.#turn(watched), clock, log, metrics });
    store.onChange((change) => this.#controller && this.#changed(change));
  }

  /** Begins to probe what the store holds, spread over each probe's interval, and all that comes. */
  start(): void {
    this.stop();
    this.#controller = new AbortController();
    for (const pod of this.#options.store.values()) {
      this.#take(pod, false);
      this.#options.writer.look(keyOf(pod));
    }
  }

  /** Ends all probes and forgets what they found. */
  stop(): void {
    this.#controller?.abort();
    this.#controller = undefined;
    this.#watchdogs.clear();
    this.#options.deployers.clear();
    for (const cancel of this.#expiries.values()) cancel();
    this.#expiries.clear();
  }

  /** Has every pod of a namespace looked at again: what may be written there has changed. */
  lookAgain(namespace: string): void {
    if (!this.#controller) return;
    for (const pod of this.#options.store.values()) {
      if (pod.namespace === namespace) this.#options.writer.look(keyOf(pod));
    }
  }

  /** What the probes of a pod amount to, by watchdog. */
  verdicts({ uid }: ProbedPod): ReadonlyMap<string, Verdict> {
    const watched = this.#watchdogs.of(uid);
    if (!watched) return noVerdicts;
    const verdicts = new Map<string, Verdict>();
    for (const [name, { verdict }] of watched) if (verdict) verdicts.set(name, verdict);
    return verdicts;
  }

  /** How many watchdogs are probed, and how many of them failed last time, on how many pods. */
  census(): { readonly watchdogs: number; readonly failing: number; readonly failingPods: number } {
    return this.#watchdogs.census();
  }

  #changed({ before, after }: Change<ProbedPod>): void {
    if (before && before.uid !== after?.uid) this.#drop(before);
    if (!after) return;
    this.#take(after, becameProbable(before, after));
    // Most changes of a pod are none to its watchdogs, and a decision about very many of them takes long.
    if (!before || !decidesAlike(before, after)) this.#options.writer.look(keyOf(after));
  }

  /** Brings what is probed in step with what the pod says. */
  #take(pod: ProbedPod, soon: boolean): void {
    this.#watchdogs.take(pod, soon);
    this.#options.deployers.take(pod);
    this.#awaitExpiry(pod);
  }

  #drop(pod: ProbedPod): void {
    this.#watchdogs.drop(pod.uid);
    this.#options.deployers.drop(pod.uid);
    this.#expiries.get(pod.uid)?.();
    this.#expiries.delete(pod.uid);
  }

  /** A status that expires changes the label although nothing happens to the pod. */
  #awaitExpiry(pod: ProbedPod): void {
    this.#expiries.get(pod.uid)?.();
    this.#expiries.delete(pod.uid);
    const { clock, writer, store } = this.#options;
    const at = nextExpiry(pod, clock.now());
    if (at === undefined) return;
    this.#expiries.set(
      pod.uid,
      clock.after(Math.min(at - clock.now(), maxWait), () => {
        if (clock.now() >= at) writer.look(keyOf(pod));
        const now = store.get(keyOf(pod));
        if (now?.uid === pod.uid) this.#awaitExpiry(now);
      }),
    );
  }

  #turn(watched: Watched): void {
    const { store, sockets, metrics, failed } = this.#options;
    const pod = store.get(watched.pod);
    if (pod?.uid !== watched.uid) return;
    const why = watched.underWay ? "under-way" : reasonToSkip(pod, watched);
    if (why !== undefined) return metrics.skipped.inc({ why });
    watched.underWay = true;
    const tenant = { namespace: pod.namespace, pod: pod.uid };
    sockets.run(tenant, () => this.#probe(watched, pod.address!))
      .catch(failed)
      .finally(() => watched.underWay = false);
  }

  async #probe(watched: Watched, address: string): Promise<void> {
    const signal = this.#controller?.signal;
    if (!signal || signal.aborted) return;
    const { probe, clock, metrics, store, deployers } = this.#options;
    const { name, target, options } = watched.probe;
    const began = clock.monotonic();
    const result = await probe({ address, ...target, timeout: options.timeout, signal });
    const pod = store.get(watched.pod);
    // What changed meanwhile makes the answer one about the past: a pod that ends refuses connections.
    if (signal.aborted || this.#watchdogs.of(watched.uid)?.get(name) !== watched) return;
    if (!pod || pod.address !== address || reasonToSkip(pod, watched) !== undefined) return;
    metrics.probes.inc({ result: result.ok ? "ok" : result.kind });
    metrics.duration.observe((clock.monotonic() - began) / 1000);
    this.#found(watched, result.ok, result.ok ? `HTTP ${result.status}` : result.why);
    deployers.probed(watched.uid, name, began);
  }

  /** Whether there is an error that good probes must clear: without one, the first good probe is told. */
  #mustClear({ pod, uid, probe, verdict }: Watched): boolean {
    if (verdict) return verdict.level === "error";
    const held = this.#options.store.get(pod);
    return held?.uid === uid &&
      held.statuses.some(({ name, status }) => name === probe.name && status?.level === "error");
  }

  #found(watched: Watched, ok: boolean, message: string): void {
    watched.streak = extend(watched.streak, ok);
    const { failures, successes } = watched.probe.options;
    const level = levelOf(watched.streak, { failures, successes: this.#mustClear(watched) ? successes : 1 });
    if (level === undefined || level === watched.verdict?.level) return;
    watched.verdict = { level, message };
    this.#options.writer.look(watched.pod);
  }
}

function keyOf({ namespace, name }: ProbedPod): string {
  return `${namespace}/${name}`;
}

/** Why a watchdog is not probed now. One that is in error is tried as long as there is an address. */
function reasonToSkip(pod: ProbedPod, { probe, verdict }: Watched): string | undefined {
  if (pod.address === undefined) return "no-address";
  if (pod.ready || verdict?.level === "error") return undefined;
  const held = pod.statuses.find(({ name }) => name === probe.name);
  return held?.status?.level === "error" ? undefined : "not-ready";
}

function becameProbable(before: ProbedPod | undefined, after: ProbedPod): boolean {
  const probable = (pod: ProbedPod | undefined) => pod?.address !== undefined && pod.ready;
  return probable(after) && (before?.uid !== after.uid || !probable(before));
}
