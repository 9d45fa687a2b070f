/**
 * What lies between who tells of events and who reads them.
 *
 * @module
 */

/** Events that a reader may leave unread; a watch that is slower is cut off, and its client lists again. */
const mostUnread = 10_000;

/** Events on their way to whoever reads them. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  readonly #enders: (() => void)[] = [];
  /** How many events there were to begin with: a long list is no sign of a slow reader. */
  #first = Infinity;
  #wake = () => {};
  #ended = false;

  /** @param signal ends the queue */
  constructor(signal: AbortSignal) {
    const end = () => this.end();
    if (signal.aborted) this.end();
    signal.addEventListener("abort", end, { once: true });
    this.onEnd(() => signal.removeEventListener("abort", end));
  }

  /** Adds an event; one that comes after the end is dropped. */
  push(event: T): void {
    if (this.#ended) return;
    this.#events.push(event);
    if (this.#events.length > this.#first + mostUnread) this.end();
    this.#wake();
  }

  /** From now on events are those that happen. */
  listed(): void {
    this.#first = this.#events.length;
  }

  /** No event comes after those that are there. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const ender of this.#enders) ender();
    this.#wake();
  }

  /** Calls `ender` when the queue ends: at once where it has. */
  onEnd(ender: () => void): void {
    if (this.#ended) ender();
    else this.#enders.push(ender);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        if (this.#events.length > 0) yield this.#events.shift()!;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.end();
    }
  }
}
