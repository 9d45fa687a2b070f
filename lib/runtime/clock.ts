/**
 * Time as something that is passed in, so that tests decide it.
 *
 * @module
 */

/** What programs know of time. */
export interface Clock {
  /** Wall-clock time, milliseconds since 1970: for what people and other machines read. It may jump. */
  now(): number;
  /** Milliseconds that only grow: for deadlines and intervals. */
  monotonic(): number;
  /** Calls back once after `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Waits `ms` milliseconds, or until `signal` aborts; it never rejects, so look at the signal afterwards. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done);
  });
}

/**
 * Runs `work` with a signal that aborts after `ms` milliseconds, or when `signal` does.
 *
 * @returns what `work` resolves to; rejects as it does
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener("abort", forward);
  const cancel = clock.after(ms, () => controller.abort(new Error(`no answer within ${ms / 1000} s`)));
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    signal?.removeEventListener("abort", forward);
  }
}
