/**
 * The moment until which a container may take to end.
 *
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";

/** A moment that may be brought forward, never put off. */
export class Deadline {
  readonly #clock: Clock;
  readonly #passed = new AbortController();
  #at = Infinity;
  #cancel: () => void = () => {};

  /** @param ms from now on, milliseconds */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.shorten(ms);
  }

  /** Aborts at the moment. */
  get signal(): AbortSignal {
    return this.#passed.signal;
  }

  /** Milliseconds until then; 0 where it has passed. */
  get left(): number {
    return Math.max(0, this.#at - this.#clock.monotonic());
  }

  /** Brings it forward to so many milliseconds from now, where that is sooner. */
  shorten(ms: number): void {
    const at = this.#clock.monotonic() + ms;
    if (at >= this.#at) return;
    this.#at = at;
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => this.#passed.abort(new Error("the grace period is over")));
  }

  /** It is needed no more. */
  [Symbol.dispose](): void {
    this.#cancel();
  }
}
