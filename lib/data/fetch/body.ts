/**
 * Reading an answer's body, not for ever and not without bounds.
 *
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";

/** Longest wait for an answer to begin, and then for each further {@link progressBytes}, milliseconds. */
export const idleMs = 10_000;

/** Bytes that count as progress: a body that dribbles is a slow one. */
export const progressBytes = 8 << 10;

/** Ends a question that is not answered, or whose answer falls silent. */
export class Patience {
  /** Aborts with the caller's, or when patience is over. */
  readonly signal: AbortSignal;
  readonly #silence = new AbortController();
  readonly #clock: Clock;
  #cancel: () => void = () => {};
  #sinceProgress = 0;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.signal = AbortSignal.any([signal, this.#silence.signal]);
    this.#wait();
  }

  /** Why patience is over, if it is. */
  get over(): Error | undefined {
    return this.#silence.signal.reason;
  }

  /** Something came. */
  came(bytes: number): void {
    this.#sinceProgress += bytes;
    if (this.#sinceProgress < progressBytes) return;
    this.#sinceProgress = 0;
    this.#wait();
  }

  /** Nothing more is waited for. */
  [Symbol.dispose](): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel();
    const silent = () => this.#silence.abort(new Error(`nothing came within ${idleMs / 1000} s`));
    this.#cancel = this.#clock.after(idleMs, silent);
  }
}

/**
 * Reads a body piece by piece, and leaves the rest unread once `take` has enough.
 *
 * @param take returns whether more is wanted
 */
export async function readBody(
  answer: Response,
  patience: Patience,
  take: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      patience.came(next.value.length);
      if (!take(next.value)) return;
    }
  } finally {
    // A body that broke off has been told so already.
    await reader.cancel().catch(() => {});
  }
}
