/**
 * A small simulated cluster, of which two evictors take turns at leading: pods fail and recover, evicted ones
 * end and are replaced, sooner or later, by pods that fail or do not.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import type { OutcomeKind } from "../../../lib/orchestrator/evict/act.ts";
import type { JudgedPod } from "../../../lib/orchestrator/pod.ts";
import type { Workload } from "../../../lib/orchestrator/workload.ts";
import { parseFailingLimit } from "../../../lib/contract/workload.ts";
import { clearWatchdog, limits, minute, pod, watchdog, workload } from "../build.ts";
import { outcome, Stage } from "./stage.ts";

/** A workload to simulate. */
export interface Crew {
  readonly kind: string;
  readonly failingLimit: string | undefined;
  readonly pods: number;
}

/** What happens to one evicted pod and its replacement; in minutes. */
export interface Fate {
  readonly answer: OutcomeKind;
  /** Until the pod is gone. */
  readonly ends: number;
  /** Until its replacement is there, after the eviction. */
  readonly comes: number;
  /** Until that is ready, after it came; `undefined` is never. */
  readonly readies: number | undefined;
  readonly fails: boolean;
}

/** One minute of the cluster. */
export interface Step {
  /** Which pods change between failing and clear, as picks among all pods. */
  readonly flips: readonly number[];
  readonly leader: 0 | 1;
  readonly proberWorks: boolean;
  readonly stale: boolean;
  /** The stand-by may be unable to rely on what it sees while the leader works on. */
  readonly standByStale: boolean;
}

/** What a history is made of. */
export interface History {
  readonly crews: readonly Crew[];
  readonly failuresBeforeEviction: number;
  readonly steps: readonly Step[];
  /** Used in turn, again and again. */
  readonly fates: readonly Fate[];
}

interface SimulatedPod {
  readonly uid: string;
  readonly crew: number;
  /** When it came and when it becomes ready, in minutes. */
  readonly from: number;
  readonly readyFrom: number;
  failing: boolean;
  /** Failing scans since its last clear one, as each evictor could count them. */
  readonly scans: [number, number];
  evictedAt?: number;
  goneFrom?: number;
}

/** Milliseconds are minutes here, to read better. */
const deadline = limits.pace.replacementDeadline / minute;

/** The cluster. Every eviction that breaks a promise throws. */
export class Simulation {
  readonly #history: History;
  readonly #pods: SimulatedPod[] = [];
  readonly #stages: readonly Stage[];
  #minute = 0;
  #fates = 0;
  /** How many pods of each crew are ready, and were a minute ago: that is what its status still says. */
  #ready: readonly number[] = [];
  #readyBefore: readonly number[] = [];
  /** When each crew had all its pods last. */
  readonly #fullAt: number[] = [];
  /** How many evictions there were. */
  evictions = 0;

  constructor(history: History) {
    this.#history = history;
    history.crews.forEach((crew, index) => {
      for (let n = 0; n < crew.pods; n++) this.#add(index, 0, 0, false);
    });
    const { failuresBeforeEviction } = history;
    const pace = { ...limits.pace, clearScans: failuresBeforeEviction + 1 };
    this.#stages = [0, 1].map(() => new Stage({ failuresBeforeEviction, pace, stormPercent: 100 }));
    for (const stage of this.#stages) {
      stage.workloadOf = (one) => this.#workload(Number(one.controller?.name));
    }
    this.#stages.forEach((stage, index) => {
      stage.answer = ({ uid }) => this.#evict(this.#pods.find((one) => one.uid === uid)!, index);
    });
  }

  /** Lets the whole history happen. */
  async run(): Promise<void> {
    for (const step of this.#history.steps) await this.#step(step);
  }

  async #step({ flips, leader, proberWorks, stale, standByStale }: Step): Promise<void> {
    this.#count();
    this.#minute++;
    const present = this.#present();
    for (const flip of flips) {
      const flipped = present[flip % present.length];
      if (flipped) flipped.failing = !flipped.failing;
    }
    this.#stages.forEach((stage, index) => {
      const blind = stale || (standByStale && index !== leader);
      if (!blind && proberWorks) this.#strike(index);
      stage.clock.suspend(minute);
      Object.assign(stage, { proberWorks, leads: false, stale: blind ? "the network is down" : undefined });
      for (const one of this.#seen()) stage.evictor.sawPod(one);
    });
    const [leading, standBy] = leader === 0 ? this.#stages : this.#stages.toReversed();
    // Either may come first within a minute.
    if (this.#minute % 2 === 0) await this.#scan(standBy!);
    leading!.leads = true;
    leading!.pods = this.#seen();
    await leading!.evictor.judge();
    await this.#scan(leading!);
    if (this.#minute % 2 === 1) await this.#scan(standBy!);
  }

  async #scan(stage: Stage): Promise<void> {
    stage.pods = this.#seen();
    await stage.evictor.scan();
  }

  #count(): void {
    this.#readyBefore = this.#ready;
    this.#ready = this.#history.crews.map((_, index) =>
      this.#present().filter(({ crew, readyFrom, evictedAt }) =>
        crew === index && readyFrom <= this.#minute && evictedAt === undefined
      ).length
    );
    this.#history.crews.forEach(({ pods }, index) => {
      if (this.#ready[index]! >= pods) this.#fullAt[index] = this.#minute;
    });
  }

  #strike(by: number): void {
    for (const one of this.#present()) one.scans[by] = one.failing ? one.scans[by]! + 1 : 0;
  }

  #add(crew: number, from: number, readyFrom: number, failing: boolean): void {
    this.#pods.push({ uid: `${crew}-${this.#pods.length}`, crew, from, readyFrom, failing, scans: [0, 0] });
  }

  #present(): SimulatedPod[] {
    return this.#pods.filter(({ from, goneFrom }) => from <= this.#minute && !(goneFrom! <= this.#minute));
  }

  #seen(): JudgedPod[] {
    return this.#present().map(({ uid, crew, failing, readyFrom, evictedAt }) =>
      pod({
        name: uid,
        uid,
        watchdogs: [failing ? watchdog() : clearWatchdog()],
        controller: { apiVersion: "apps/v1", kind: "Deployment", name: String(crew), uid: String(crew) },
        ready: readyFrom <= this.#minute,
        terminating: evictedAt !== undefined,
        evicted: evictedAt !== undefined,
      })
    );
  }

  #workload(index: number): Workload {
    const { kind, failingLimit, pods: desired } = this.#history.crews[index]!;
    const ready = this.#readyBefore[index] ?? desired;
    return workload({ kind, failingLimit, name: String(index), uid: String(index), desired, ready });
  }

  #evict(one: SimulatedPod, by: number) {
    const fate = this.#history.fates[this.#fates++ % this.#history.fates.length]!;
    if (fate.answer !== "evicted") return outcome(fate.answer, minute);
    this.#mayEvict(one, by);
    this.evictions++;
    one.evictedAt = this.#minute;
    one.goneFrom = this.#minute + fate.ends;
    const from = this.#minute + fate.comes;
    this.#add(one.crew, from, fate.readies === undefined ? Infinity : from + fate.readies, fate.fails);
    const [seen] = this.#seen().filter(({ uid }) => uid === one.uid);
    for (const stage of this.#stages) {
      stage.pods = this.#seen();
      if (seen) stage.evictor.sawEviction(seen, true);
    }
    return outcome("evicted");
  }

  /** The promises. */
  #mayEvict(one: SimulatedPod, by: number): void {
    const needed = this.#history.failuresBeforeEviction + 1;
    ok(one.scans[by]! >= needed, `${one.uid} is evicted after ${one.scans[by]} failing scans of ${needed}`);
    ok(one.evictedAt === undefined, `${one.uid} is evicted twice`);
    const { kind, failingLimit, pods } = this.#history.crews[one.crew]!;
    const limit = parseFailingLimit(failingLimit, pods);
    const most = limit.problem !== undefined
      ? 1
      : kind === "Deployment"
      ? limit.pods
      : Math.min(1, limit.pods);
    const down = this.#down(one.crew);
    ok(down < most, `${one.uid} is evicted while ${down} of ${most} pods of its workload are down`);
  }

  /**
   * How many of a crew's pods are down by an evictor's hand: evicted within the deadline, the crew did not have
   * all its pods since, and there is no ready pod that came later and stands in for no other one.
   */
  #down(crew: number): number {
    const standIns = this.#pods.filter((one) =>
      one.crew === crew && one.from > 0 && one.readyFrom <= this.#minute
    );
    const fullAt = this.#fullAt[crew] ?? 0;
    const evicted = this.#pods.filter((one) =>
      one.crew === crew && one.evictedAt !== undefined && this.#minute - one.evictedAt <= deadline &&
      one.goneFrom! > fullAt
    ).sort((a, b) => b.evictedAt! - a.evictedAt!);
    return evicted.filter(({ evictedAt }) => {
      const found = standIns.findIndex(({ from }) => from > evictedAt!);
      if (found >= 0) standIns.splice(found, 1);
      return found < 0;
    }).length;
  }
}
