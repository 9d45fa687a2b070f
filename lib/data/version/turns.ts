/**
 * Long work that lets others have their turn: a program that packs still answers.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Longest that work holds the event loop, milliseconds. */
const turn = 10;

/** Counts one piece of work's turns. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  /** Work that ends when `signal` aborts. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Called between steps: lets others go first once a turn is over. Rejects when the work is to end. */
  async next(): Promise<void> {
    if (performance.now() - this.#since < turn) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
