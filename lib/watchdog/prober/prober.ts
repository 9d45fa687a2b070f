/**
 * The prober: pods in the store become probes on a schedule; what probes find becomes verdicts; verdicts
 * that change something become writes.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import type { ProbeSpec } from "../../contract/probe.ts";
import type { Change, Store } from "../../kube/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { ProbeHttp } from "../probe/probe.ts";
import { nextExpiry } from "./decide.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { ProbedPod } from "./pod.ts";
import { Schedule } from "./schedule.ts";
import type { FairSlots } from "./slots.ts";
import { extend, levelOf, type Streak, type Verdict } from "./thresholds.ts";
import type { StatusWriter } from "./writer.ts";

type Probe = Extract<ProbeSpec, { target: unknown }>;

/** One watchdog of one pod, and what its probes found so far. */
interface Watched {
  readonly interval: number;
  readonly pod: string;
  readonly uid: string;
  readonly probe: Probe;
  streak: Streak | undefined;
  verdict: Verdict | undefined;
  underWay: boolean;
}

/** What a prober is made of. */
export interface ProberOptions {
  readonly store: Store<Pod, ProbedPod>;
  readonly probe: ProbeHttp;
  readonly sockets: FairSlots;
  readonly writer: Pick<StatusWriter, "look" | "forget">;
  readonly clock: Clock;
  readonly metrics: ProberMetrics;
}

const noVerdicts: ReadonlyMap<string, Verdict> = new Map();

/** Probes every watchdog of every pod in the store, from {@link Prober.start} to {@link Prober.stop}. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #schedule: Schedule<Watched>;
  readonly #watched = new Map<string, Map<string, Watched>>();
  readonly #expiries = new Map<string, () => void>();
  #controller: AbortController | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.clock, (watched) => this.#turn(watched));
    options.store.onChange((change) => this.#controller && this.#changed(change));
  }

  /** Begins to probe what the store holds, spread over each probe's interval, and all that comes. */
  start(): void {
    this.stop();
    this.#controller = new AbortController();
    for (const pod of this.#options.store.values()) this.#take(pod, false);
  }

  /** Ends all probes and forgets what they found. */
  stop(): void {
    this.#controller?.abort();
    this.#controller = undefined;
    this.#schedule.clear();
    this.#watched.clear();
    for (const cancel of this.#expiries.values()) cancel();
    this.#expiries.clear();
  }

  /** Has every pod of a namespace looked at again: what may be written there has changed. */
  lookAgain(namespace: string): void {
    if (!this.#controller) return;
    for (const pod of this.#options.store.values()) {
      if (pod.namespace === namespace) this.#options.writer.look(`${pod.namespace}/${pod.name}`);
    }
  }

  /** What the probes of a pod amount to, by watchdog. */
  verdicts({ uid }: ProbedPod): ReadonlyMap<string, Verdict> {
    const watched = this.#watched.get(uid);
    if (!watched) return noVerdicts;
    const verdicts = new Map<string, Verdict>();
    for (const [name, { verdict }] of watched) if (verdict) verdicts.set(name, verdict);
    return verdicts;
  }

  /** How many watchdogs are probed, and how many of them failed last time, on how many pods. */
  census(): { readonly watchdogs: number; readonly failing: number; readonly failingPods: number } {
    let watchdogs = 0;
    let failing = 0;
    let failingPods = 0;
    for (const ofPod of this.#watched.values()) {
      let bad = 0;
      for (const { streak } of ofPod.values()) if (streak?.ok === false) bad++;
      watchdogs += ofPod.size;
      failing += bad;
      if (bad > 0) failingPods++;
    }
    return { watchdogs, failing, failingPods };
  }

  #changed({ before, after }: Change<ProbedPod>): void {
    if (before && before.uid !== after?.uid) this.#drop(before);
    if (after) this.#take(after, becameProbable(before, after));
  }

  /** Brings what is probed in step with what the pod says. */
  #take(pod: ProbedPod, soon: boolean): void {
    const key = `${pod.namespace}/${pod.name}`;
    const ofPod = this.#watched.get(pod.uid) ?? new Map<string, Watched>();
    const wanted = new Map(pod.probes.flatMap((probe) => ("target" in probe ? [[probe.name, probe]] : [])));
    for (const [name, watched] of ofPod) {
      if (sameProbe(wanted.get(name), watched.probe)) continue;
      this.#schedule.remove(watched);
      ofPod.delete(name);
    }
    for (const probe of wanted.values()) {
      const held = ofPod.get(probe.name);
      if (held && !soon) continue;
      if (held) this.#schedule.remove(held);
      const interval = probe.options.interval;
      const watched: Watched = held
        ? { ...held, underWay: false }
        : { interval, pod: key, uid: pod.uid, probe, streak: undefined, verdict: undefined, underWay: false };
      ofPod.set(probe.name, watched);
      this.#schedule.add(watched, soon);
    }
    if (ofPod.size > 0) this.#watched.set(pod.uid, ofPod);
    else this.#watched.delete(pod.uid);
    this.#awaitExpiry(key, pod);
    this.#options.writer.look(key);
  }

  #drop(pod: ProbedPod): void {
    for (const watched of this.#watched.get(pod.uid)?.values() ?? []) this.#schedule.remove(watched);
    this.#watched.delete(pod.uid);
    this.#expiries.get(pod.uid)?.();
    this.#expiries.delete(pod.uid);
    this.#options.writer.forget(pod);
  }

  /** A status that expires changes the label although nothing happens to the pod. */
  #awaitExpiry(key: string, pod: ProbedPod): void {
    this.#expiries.get(pod.uid)?.();
    this.#expiries.delete(pod.uid);
    const { clock, writer } = this.#options;
    const at = nextExpiry(pod, clock.now());
    if (at === undefined) return;
    // A timer holds at most 2^31 ms; one that is due earlier than its status just looks and waits on.
    const wait = Math.min(at - clock.now(), 2_000_000_000);
    this.#expiries.set(
      pod.uid,
      clock.after(wait, () => {
        writer.look(key);
        const now = this.#options.store.get(key);
        if (now?.uid === pod.uid) this.#awaitExpiry(key, now);
      }),
    );
  }

  #turn(watched: Watched): void {
    const { store, sockets, metrics } = this.#options;
    const pod = store.get(watched.pod);
    if (pod?.uid !== watched.uid) return;
    const why = watched.underWay ? "under way" : reasonToSkip(pod, watched);
    if (why !== undefined) return metrics.skipped.inc({ why });
    watched.underWay = true;
    const tenant = { namespace: pod.namespace, pod: pod.uid };
    sockets.run(tenant, () => this.#probe(watched, pod.address!)).finally(() => watched.underWay = false);
  }

  async #probe(watched: Watched, address: string): Promise<void> {
    const signal = this.#controller?.signal;
    if (!signal || signal.aborted) return;
    const { probe, clock, metrics, store } = this.#options;
    const { name, target, options } = watched.probe;
    const began = clock.monotonic();
    const result = await probe({ address, ...target, timeout: options.timeout, signal });
    const pod = store.get(watched.pod);
    // What changed meanwhile makes the answer one about the past: a pod that ends refuses connections.
    if (signal.aborted || this.#watched.get(watched.uid)?.get(name) !== watched) return;
    if (!pod || pod.address !== address || reasonToSkip(pod, watched) !== undefined) return;
    metrics.probes.inc({ result: result.ok ? "ok" : result.kind });
    metrics.duration.observe((clock.monotonic() - began) / 1000);
    this.#found(watched, result.ok, result.ok ? `HTTP ${result.status}` : result.why);
  }

  #found(watched: Watched, ok: boolean, message: string): void {
    watched.streak = extend(watched.streak, ok);
    const level = levelOf(watched.streak, watched.probe.options);
    if (level === undefined || level === watched.verdict?.level) return;
    watched.verdict = { level, message };
    this.#options.writer.look(watched.pod);
  }
}

/** Why a watchdog is not probed now. One that is in error is tried as long as there is an address. */
function reasonToSkip(pod: ProbedPod, { probe, verdict }: Watched): string | undefined {
  if (pod.address === undefined) return "no address";
  if (pod.ready || verdict?.level === "error") return undefined;
  const held = pod.statuses.find(({ name }) => name === probe.name);
  return held?.status?.level === "error" ? undefined : "not ready";
}

function becameProbable(before: ProbedPod | undefined, after: ProbedPod): boolean {
  const probable = (pod: ProbedPod | undefined) => pod?.address !== undefined && pod.ready;
  return probable(after) && (before?.uid !== after.uid || !probable(before));
}

function sameProbe(a: Probe | undefined, b: Probe): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
