/**
 * Pacing: how a workload's earlier evictions limit its next one.
 *
 * One eviction is under way until the pod is gone and its replacement is ready, or a deadline passed. An
 * eviction whose replacement fails as well, or does not come, did not help: each doubles the workload's wait,
 * until a replacement stays clear.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";

/** Milliseconds of a clock that only grows: a wall clock that jumps must not shorten or lengthen a wait. */
export type Ticks = number;

/** What a workload's pods look like to its pace. */
export interface PodState {
  readonly uid: PodUid;
  /** Its number in the order in which pods came into sight. */
  readonly sight: number;
  readonly ready: boolean;
  readonly failing: boolean;
  readonly terminating: boolean;
}

/** The times and counts that decide; times in milliseconds. */
export interface PaceLimits {
  /** How long a replacement may take to become ready. */
  readonly replacementDeadline: number;
  /** Scans in a row without an error after which a replacement has stayed clear. */
  readonly clearScans: number;
  /** The wait that the first fruitless eviction doubles. */
  readonly wait: number;
  readonly maxWait: number;
}

/** An eviction, ours or one that was seen. */
export interface NotedEviction {
  readonly uid: PodUid;
  readonly at: Ticks;
  /** The number of the last pod that was in sight by then: only one with a larger number can replace it. */
  readonly lastSight: number;
  /** It was found afterwards: its replacement may be in sight already, so whether it helped cannot be told. */
  readonly late?: boolean;
}

interface Eviction extends NotedEviction {
  /** Whether an earlier scan saw that the pod is gone. */
  gone: boolean;
  /** Whether the next eviction need not wait for this one any more. */
  settled: boolean;
  /** Whether it is known if it helped. */
  judged: boolean;
}

/** A workload's evictions and what came of them. */
export class Pace {
  #evictions: Eviction[] = [];
  /** Asked for about every failing pod, so it is counted once. */
  #down = 0;
  #fruitless = 0;
  #lastAt: Ticks = -Infinity;
  readonly #clearScans = new Map<PodUid, number>();
  /** Replacements that failed: each counts against one eviction only. */
  readonly #blamed = new Set<PodUid>();
  /** Replacements that were ready: each ends one eviction only, or several at once would go on too early. */
  readonly #arrived = new Set<PodUid>();
  /** The last pod in sight at the first of these evictions: whether it and those before stay clear says nothing. */
  #before = 0;

  /** How many evictions in a row did not help. */
  get fruitless(): number {
    return this.#fruitless;
  }

  /** How many of the workload's pods are down by AutoCrane's hand. */
  get down(): number {
    return this.#down;
  }

  /** When the workload's wait ends; in the past, or minus infinity, where there is none. */
  waitsUntil({ wait, maxWait }: PaceLimits): Ticks {
    return this.#fruitless === 0 ? -Infinity : this.#lastAt + Math.min(maxWait, wait * 2 ** this.#fruitless);
  }

  /** Whether there is nothing left to remember. */
  get idle(): boolean {
    return this.#evictions.length === 0 && this.#fruitless === 0;
  }

  /** Notes an eviction; a pod's second one is the same one. */
  evicted(noted: NotedEviction): void {
    if (this.#evictions.some(({ uid }) => uid === noted.uid)) return;
    if (this.idle) this.#before = noted.lastSight;
    this.#evictions.push({ ...noted, gone: false, settled: false, judged: noted.late === true });
    this.#down++;
    this.#lastAt = Math.max(this.#lastAt, noted.at);
  }

  /**
   * Looks at what became of earlier evictions. Called once a scan.
   *
   * @param full whether the workload reports as many ready pods as it should have
   */
  observe(pods: readonly PodState[], full: boolean, now: Ticks, limits: PaceLimits): void {
    const present = new Set(pods.map(({ uid }) => uid));
    const first = Math.min(...this.#evictions.map(({ lastSight }) => lastSight));
    const newcomers = pods.filter(({ sight }) => sight > first);
    this.#countClearScans(pods, present, limits);
    this.#settle(newcomers, present, full, now, limits);
    for (const eviction of this.#evictions) {
      if (eviction.judged) continue;
      const replacements = newcomers.filter(({ sight }) => sight > eviction.lastSight);
      this.#judge(eviction, replacements, now - eviction.at > limits.replacementDeadline, limits);
    }
    this.#evictions = this.#evictions.filter(({ settled, judged, at }) =>
      !(settled && judged) && now - at < limits.maxWait
    );
    this.#down = this.#evictions.filter(({ settled }) => !settled).length;
    if (this.idle) {
      this.#blamed.clear();
      this.#arrived.clear();
    } else if (this.#fruitless > 0 && now - this.#lastAt > 4 * limits.maxWait) this.#fruitless = 0;
  }

  /** The newest eviction chooses first, as the fewest pods came after it. */
  #settle(
    newcomers: readonly PodState[],
    present: ReadonlySet<PodUid>,
    full: boolean,
    now: Ticks,
    limits: PaceLimits,
  ): void {
    const free = newcomers.filter(({ uid, ready }) => ready && !this.#arrived.has(uid));
    for (const eviction of this.#evictions.toReversed()) {
      if (eviction.settled) continue;
      const place = free.findIndex(({ sight }) => sight > eviction.lastSight);
      const [arrived] = place < 0 ? [] : free.splice(place, 1);
      const gone = !present.has(eviction.uid);
      // In the scan that first misses the pod, the workload's status may still count it.
      eviction.settled = gone && ((full && eviction.gone) || arrived !== undefined);
      eviction.gone = gone;
      if (eviction.settled && arrived) this.#arrived.add(arrived.uid);
      eviction.settled ||= now - eviction.at > limits.replacementDeadline;
    }
  }

  #judge(
    eviction: Eviction,
    replacements: readonly PodState[],
    overdue: boolean,
    { clearScans }: PaceLimits,
  ): void {
    const failed = replacements.find(({ uid, failing }) => failing && !this.#blamed.has(uid));
    if (replacements.some(({ uid }) => (this.#clearScans.get(uid) ?? 0) >= clearScans)) {
      eviction.judged = true;
    } else if (failed || (overdue && !replacements.some(({ ready }) => ready))) {
      eviction.judged = true;
      this.#fruitless++;
      if (failed) this.#blamed.add(failed.uid);
    }
  }

  #countClearScans(
    pods: readonly PodState[],
    present: ReadonlySet<PodUid>,
    { clearScans }: PaceLimits,
  ): void {
    for (const uid of this.#clearScans.keys()) if (!present.has(uid)) this.#clearScans.delete(uid);
    for (const { uid, sight, ready, failing, terminating } of pods) {
      const clear = ready && !failing && !terminating;
      const scans = clear ? (this.#clearScans.get(uid) ?? 0) + 1 : 0;
      this.#clearScans.set(uid, scans);
      // Just now, not ever since: a good replacement must not hide that later ones fail.
      if (scans === clearScans && sight > this.#before) this.#fruitless = 0;
    }
  }
}
