/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */
import type { Clock } from "../../lib/runtime/clock.ts";

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Lets every promise that can settle without time passing do so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Time that a test decides. */
export class FakeClock implements Clock {
  /** What the wall clock showed when no time had passed. */
  #start: number;
  #ticks = 0;
  readonly #timers = new Set<Timer>();

  /** @param now the wall clock's first reading, a time as `Date.parse` takes it */
  constructor(now: string = "2026-01-31T12:00:00Z") {
    this.#start = Date.parse(now);
  }

  /** How many callbacks wait for their time. */
  get waiting(): number {
    return this.#timers.size;
  }

  now(): number {
    // Whole milliseconds, as machines tell it: fractions, added to so large a number, would be rounded away.
    return this.#start + Math.floor(this.#ticks + 1e-6);
  }

  monotonic(): number {
    return this.#ticks;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#ticks + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets `ms` milliseconds pass: calls back what falls due, in its order, and lets its promises settle. */
  async advance(ms: number): Promise<void> {
    const end = this.#ticks + ms;
    await settled();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#pass(timer.due - this.#ticks);
      this.#timers.delete(timer);
      timer.callback();
      await settled();
    }
    this.#pass(end - this.#ticks);
    await settled();
  }

  /** Time passes while the process is stopped: nothing is called back before it goes on. */
  suspend(ms: number): void {
    this.#pass(ms);
  }

  /** Somebody sets the wall clock; time itself does not pass. */
  jump(ms: number): void {
    this.#start += ms;
  }

  #pass(ms: number): void {
    this.#ticks += Math.max(0, ms);
  }

  /** The timer that falls due first, none after `end`; of two at once the older. */
  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (!first || timer.due < first.due)) first = timer;
    }
    return first;
  }
}
