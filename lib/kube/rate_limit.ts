/**
 * How fast one client may ask an API server.
 *
 * @module
 */
import { type Clock, sleep, unlessAborted } from "../runtime/clock.ts";

/** A token bucket: `perSecond` on average, `burst` at once. First come, first served. */
export class RateLimit {
  #tokens: number;
  #filledAt: number;
  #pausedUntil = -Infinity;
  #turn: Promise<void> = Promise.resolve();
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;

  constructor({ perSecond, burst, clock }: { perSecond: number; burst: number; clock: Clock }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.monotonic();
  }

  /** Waits for a token. Rejects with the signal's reason when it aborts first, also while others wait before. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const mine = this.#turn.then(() => this.#takeNext(signal));
    this.#turn = mine.catch(() => {});
    return unlessAborted(mine, signal);
  }

  /** Nobody gets a token for the next `ms` milliseconds: the server asked for peace. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + ms);
  }

  async #takeNext(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.#wait();
      if (wait <= 0) break;
      await sleep(this.#clock, wait, signal);
    }
    this.#tokens--;
  }

  #wait(): number {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
    const forToken = this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / this.#perSecond) * 1000;
    // Whole milliseconds: a rounding error's wait would be too short to move a clock at all.
    return Math.ceil(Math.max(forToken, this.#pausedUntil - now));
  }
}
