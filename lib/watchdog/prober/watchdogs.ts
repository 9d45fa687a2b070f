/**
 * Which watchdogs are probed now, each with its turns: in step with what their pods say.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";
import type { ProbeSpec } from "../../contract/probe.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { ProberMetrics } from "./metrics.ts";
import { firstWithin, maxProbesASecond, type Probe, soon as soonFor, stretchOf } from "./pace.ts";
import type { ProbedPod } from "./pod.ts";
import { Schedule, type Scheduled } from "./schedule.ts";
import type { Streak, Verdict } from "./thresholds.ts";

/** One watchdog of one pod, and what its probes found so far. */
export interface Watched {
  /** `namespace/name` of its pod. */
  readonly pod: string;
  readonly uid: PodUid;
  readonly probe: Probe;
  streak: Streak | undefined;
  verdict: Verdict | undefined;
  underWay: boolean;
  turns: Turns | undefined;
}

/** A watchdog's place in the schedule; another one takes over where its interval changes. */
interface Turns extends Scheduled {
  readonly watched: Watched;
}

interface OfPod {
  /** As the pod last said; pods of one workload share it, so that it is compared by identity. */
  readonly specs: readonly ProbeSpec[];
  readonly stretch: number;
  readonly watched: Map<string, Watched>;
}

/** What {@link Watchdogs} are made of. */
export interface WatchdogsOptions {
  /** Called when a watchdog is to be probed. */
  readonly turn: (watched: Watched) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<ProberMetrics, "slowed">;
}

/** The watchdogs that are probed. */
export class Watchdogs {
  readonly #options: WatchdogsOptions;
  readonly #schedule: Schedule<Turns>;
  readonly #pods = new Map<PodUid, OfPod>();
  #slowed = 0;

  constructor(options: WatchdogsOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.clock, ({ watched }) => options.turn(watched));
  }

  /** A pod's, by name; `undefined` where it has none. */
  of(uid: PodUid): ReadonlyMap<string, Watched> | undefined {
    return this.#pods.get(uid)?.watched;
  }

  /** How many there are, and how many of them failed last time, on how many pods. */
  census(): { readonly watchdogs: number; readonly failing: number; readonly failingPods: number } {
    let watchdogs = 0;
    let failing = 0;
    let failingPods = 0;
    for (const { watched } of this.#pods.values()) {
      let bad = 0;
      for (const { streak } of watched.values()) if (streak?.ok === false) bad++;
      watchdogs += watched.size;
      failing += bad;
      if (bad > 0) failingPods++;
    }
    return { watchdogs, failing, failingPods };
  }

  /**
   * Brings a pod's watchdogs in step with what it says: one whose probe stays keeps what was found.
   *
   * @param soon all of them are probed soon, and what is under way is about the past
   */
  take(pod: ProbedPod, soon: boolean): void {
    const before = this.#pods.get(pod.uid);
    if (before?.specs === pod.probes && !soon) return;
    const probes = pod.probes.filter((spec): spec is Probe => "target" in spec);
    const stretch = stretchOf(probes);
    const watched = this.#kept(before?.watched, probes);
    const within = soon ? soonFor(probes.length) : undefined;
    for (const probe of probes) {
      const held = watched.get(probe.name);
      if (held && !soon && stretch === before?.stretch) continue;
      if (held) this.#end(held);
      const one = !held ? begun(pod, probe) : soon ? { ...held, underWay: false } : held;
      watched.set(probe.name, one);
      const first = firstWithin(probes.length);
      const isLong = !held && probe.options.interval * stretch > first;
      this.#begin(one, stretch, within ?? (isLong ? first : undefined));
    }
    this.#hold(pod, before, watched.size > 0 ? { specs: pod.probes, stretch, watched } : undefined);
  }

  /** Ends a pod's. */
  drop(uid: PodUid): void {
    const before = this.#pods.get(uid);
    for (const watched of before?.watched.values() ?? []) this.#end(watched);
    this.#pods.delete(uid);
    this.#countSlowed(before, undefined);
  }

  /** Ends all. */
  clear(): void {
    this.#schedule.clear();
    this.#pods.clear();
    this.#slowed = 0;
    this.#options.metrics.slowed.set(0);
  }

  /** Those whose probe is still wanted as it is; the others end. */
  #kept(before: ReadonlyMap<string, Watched> | undefined, probes: readonly Probe[]): Map<string, Watched> {
    const wanted = new Map(probes.map((probe) => [probe.name, probe]));
    const kept = new Map<string, Watched>();
    for (const [name, watched] of before ?? []) {
      if (sameProbe(wanted.get(name), watched.probe)) kept.set(name, watched);
      else this.#end(watched);
    }
    return kept;
  }

  #begin(watched: Watched, stretch: number, within: number | undefined): void {
    watched.turns = { watched, interval: watched.probe.options.interval * stretch };
    this.#schedule.add(watched.turns, within);
  }

  #end(watched: Watched): void {
    if (watched.turns) this.#schedule.remove(watched.turns);
    watched.turns = undefined;
  }

  #hold(pod: ProbedPod, before: OfPod | undefined, after: OfPod | undefined): void {
    if (after) this.#pods.set(pod.uid, after);
    else this.#pods.delete(pod.uid);
    if (isSlowed(before) === isSlowed(after)) return;
    this.#countSlowed(before, after);
    const shown = `${pod.namespace}/${pod.name}`;
    if (after && isSlowed(after)) {
      this.#options.log.warn("a pod asks for too many probes, so their intervals are stretched", {
        pod: shown,
        watchdogs: after.watched.size,
        perSecond: Math.ceil(after.stretch * maxProbesASecond),
        allowed: maxProbesASecond,
      });
    } else {
      this.#options.log.info("a pod's probes keep to their intervals again", { pod: shown });
    }
  }

  #countSlowed(before: OfPod | undefined, after: OfPod | undefined): void {
    this.#slowed += Number(isSlowed(after)) - Number(isSlowed(before));
    this.#options.metrics.slowed.set(this.#slowed);
  }
}

function isSlowed(ofPod: OfPod | undefined): boolean {
  return ofPod !== undefined && ofPod.stretch > 1;
}

function begun({ namespace, name, uid }: ProbedPod, probe: Probe): Watched {
  return {
    pod: `${namespace}/${name}`,
    uid,
    probe,
    streak: undefined,
    verdict: undefined,
    underWay: false,
    turns: undefined,
  };
}

function sameProbe(a: Probe | undefined, b: Probe): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
