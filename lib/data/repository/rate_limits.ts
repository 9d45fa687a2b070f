/**
 * How often something may happen, each kind by itself.
 *
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";

/** Kinds that are remembered at most: whoever makes names up may not fill the memory. */
const mostKinds = 10_000;

/** A bucket of tokens for each kind, which fills by the time. */
export class RateLimits {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(rate: { readonly burst: number; readonly perSecond: number }, clock: Clock) {
    this.#burst = rate.burst;
    this.#perSecond = rate.perSecond;
    this.#clock = clock;
  }

  /** Takes a token of a kind; `false` where there is none. */
  take(kind: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(kind) ?? { tokens: this.#burst, at: now };
    const tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) / 1000 * this.#perSecond);
    if (this.#buckets.size >= mostKinds) this.#buckets.clear();
    this.#buckets.set(kind, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }
}
