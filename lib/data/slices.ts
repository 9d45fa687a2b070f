/**
 * Long work in slices, so that whoever asks meanwhile is answered.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Longest that work holds the event loop, milliseconds. */
const sliceMs = 10;

/** Counts one piece of work's slices. */
export class Slices {
  readonly #signal: AbortSignal | undefined;
  #end = performance.now() + sliceMs;

  /** Work that ends when `signal` aborts. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the slice is over: for very many small steps, of which none should wait without need. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Called between steps: lets others go first once a slice is over. Rejects when the work is to end. */
  async next(): Promise<void> {
    if (!this.over) return;
    await othersTurn();
    this.#signal?.throwIfAborted();
    this.#end = performance.now() + sliceMs;
  }
}

/** Goes through items, and lets others have a turn when a slice is over. Stops where the signal aborts. */
export async function inSlices<T>(
  items: Iterable<T>,
  signal: AbortSignal,
  work: (item: T) => void,
): Promise<void> {
  const slices = new Slices(signal);
  for (const item of items) {
    work(item);
    if (slices.over) await slices.next();
  }
}

/** Lets everything else that waits have its turn. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
