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
  /**
   * Calls back once after `ms` milliseconds, unless the returned function is called before. The machine's clock
   * waits at most 2^31 - 1 ms (24.8 days).
   */
  after(ms: number, callback: () => void): () => void;
}

/** Longest that a timer can wait, milliseconds: what is longer would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestTimer));
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
 * Gives up waiting when `signal` aborts; what is waited for goes on.
 *
 * @returns what `promise` resolves to; rejects as it does, or with the signal's reason where that comes first
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

/**
 * Starts to count milliseconds, by whichever clock says more: the monotonic one stands still while the machine
 * is suspended, the wall clock may be set. A deadline counted so may come early, never late.
 *
 * @returns the milliseconds since
 */
export function stopwatch(clock: Clock): () => number {
  const ticks = clock.monotonic();
  const wall = clock.now();
  return () => Math.max(clock.monotonic() - ticks, clock.now() - wall);
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
