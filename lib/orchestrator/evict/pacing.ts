/**
 * Pacing: how a workload's earlier evictions limit its next one.
 *
 * One eviction is under way until the pod is gone and its replacement is ready, or a deadline passed. An
 * eviction whose replacement fails as well, or does not come, did not help: each doubles the workload's wait,
 * until a replacement stays clear.
 *
 * @module
 */
/** Milliseconds of a clock that only grows: a wall clock that jumps must not shorten or lengthen a wait. */
export type Ticks = number;

/** What a workload's pods look like to its pace. */
export interface PodState {
  readonly uid: string;
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

interface Eviction {
  readonly uid: string;
  readonly at: Ticks;
  /** The pods that were there already: none of them replaces it. */
  readonly known: ReadonlySet<string>;
  /** Whether the next eviction need not wait for this one any more. */
  settled: boolean;
  /** Whether it is known if it helped. */
  judged: boolean;
}

/** A workload's evictions and what came of them. */
export class Pace {
  #evictions: Eviction[] = [];
  #fruitless = 0;
  #lastAt: Ticks = -Infinity;
  readonly #clearScans = new Map<string, number>();
  /** Replacements that failed: each counts against one eviction only. */
  readonly #blamed = new Set<string>();
  /** Replacements that were ready: each ends one eviction only, or several at once would go on too early. */
  readonly #arrived = new Set<string>();
  /** The pods that were there before the first of these evictions: whether they stay clear says nothing. */
  #before: ReadonlySet<string> = new Set();

  /** How many evictions in a row did not help. */
  get fruitless(): number {
    return this.#fruitless;
  }

  /** How many of the workload's pods are down by AutoCrane's hand. */
  get down(): number {
    return this.#evictions.filter(({ settled }) => !settled).length;
  }

  /** When the workload's wait ends; in the past, or minus infinity, where there is none. */
  waitsUntil({ wait, maxWait }: PaceLimits): Ticks {
    return this.#fruitless === 0 ? -Infinity : this.#lastAt + Math.min(maxWait, wait * 2 ** this.#fruitless);
  }

  /** Whether there is nothing left to remember. */
  get idle(): boolean {
    return this.#evictions.length === 0 && this.#fruitless === 0;
  }

  /** Notes an eviction, ours or one that was seen; a pod's second one is the same one. */
  evicted(uid: string, pods: readonly PodState[], now: Ticks): void {
    if (this.#evictions.some((eviction) => eviction.uid === uid)) return;
    const known = new Set(pods.map((pod) => pod.uid));
    if (this.idle) this.#before = known;
    this.#evictions.push({ uid, at: now, known, settled: false, judged: false });
    this.#lastAt = now;
  }

  /**
   * Looks at what became of earlier evictions. Called once a scan.
   *
   * @param full whether the workload reports as many ready pods as it should have
   */
  observe(pods: readonly PodState[], full: boolean, now: Ticks, limits: PaceLimits): void {
    this.#countClearScans(pods, limits);
    this.#settle(pods, full, now, limits);
    for (const eviction of this.#evictions) {
      if (eviction.judged) continue;
      const replacements = pods.filter(({ uid }) => !eviction.known.has(uid));
      this.#judge(eviction, replacements, now - eviction.at > limits.replacementDeadline, limits);
    }
    this.#evictions = this.#evictions.filter(({ settled, judged, at }) =>
      !(settled && judged) && now - at < limits.maxWait
    );
    if (this.idle) {
      this.#blamed.clear();
      this.#arrived.clear();
    } else if (this.#fruitless > 0 && now - this.#lastAt > 4 * limits.maxWait) this.#fruitless = 0;
  }

  /** The newest eviction chooses first, as the fewest pods came after it. */
  #settle(pods: readonly PodState[], full: boolean, now: Ticks, limits: PaceLimits): void {
    const taken = new Set(this.#arrived);
    for (const eviction of this.#evictions.toReversed()) {
      if (eviction.settled) continue;
      const arrived = pods.find(({ uid, ready }) => ready && !eviction.known.has(uid) && !taken.has(uid));
      if (arrived) taken.add(arrived.uid);
      const gone = pods.every(({ uid }) => uid !== eviction.uid);
      eviction.settled = gone && (full || arrived !== undefined);
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

  #countClearScans(pods: readonly PodState[], { clearScans }: PaceLimits): void {
    const present = new Set(pods.map(({ uid }) => uid));
    for (const uid of this.#clearScans.keys()) if (!present.has(uid)) this.#clearScans.delete(uid);
    for (const { uid, ready, failing, terminating } of pods) {
      const clear = ready && !failing && !terminating;
      const scans = clear ? (this.#clearScans.get(uid) ?? 0) + 1 : 0;
      this.#clearScans.set(uid, scans);
      // Just now, not ever since: a good replacement must not hide that later ones fail.
      if (scans === clearScans && !this.#before.has(uid)) this.#fruitless = 0;
    }
  }
}
