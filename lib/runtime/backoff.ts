/**
 * Waiting longer after each failure, never in step with others.
 *
 * @module
 */

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

/** The shape of a back-off; times in milliseconds. */
export interface BackoffOptions {
  readonly initial: number;
  readonly max: number;
  readonly factor?: number;
  /** Part of each wait that is random: 0.5 waits between half of it and all of it. */
  readonly jitter?: number;
  readonly random?: Random;
}

/** Gives the wait before each further attempt: exponential, capped, with jitter. */
export class Backoff {
  #attempts = 0;
  readonly #options: Required<BackoffOptions>;

  constructor({ initial, max, factor = 2, jitter = 0.5, random = Math.random }: BackoffOptions) {
    this.#options = { initial, max, factor, jitter, random };
  }

  /** The next wait, milliseconds. */
  next(): number {
    const { initial, max, factor, jitter, random } = this.#options;
    const full = Math.min(max, initial * factor ** this.#attempts++);
    return full * (1 - jitter * random());
  }

  /** Starts from the initial wait again, after a success. */
  reset(): void {
    this.#attempts = 0;
  }
}
