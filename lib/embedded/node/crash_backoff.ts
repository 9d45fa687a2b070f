/**
 * How long a container that ended waits to be started again.
 *
 * @module
 */

/** The kubelet's times, milliseconds: ten seconds after the first restart, doubling up to five minutes. */
export interface CrashTimes {
  readonly initial: number;
  readonly max: number;
}

/** The kubelet's own. */
export const kubeletTimes: CrashTimes = { initial: 10_000, max: 300_000 };

/** What is remembered of a container's restarts; times by the monotonic clock. */
export interface CrashMemory {
  /** The wait after the next end, milliseconds. */
  readonly delay: number;
  readonly restartedAt: number;
}

/**
 * Milliseconds from the end of a container to its restart: none for the first, and none after a run of twice
 * the longest wait.
 */
export function delayAfter(memory: CrashMemory | undefined, endedAt: number, times: CrashTimes): number {
  return memory && !isForgotten(memory, endedAt, times) ? memory.delay : 0;
}

/** Remembers a restart. */
export function afterRestart(
  memory: CrashMemory | undefined,
  endedAt: number,
  now: number,
  times: CrashTimes,
): CrashMemory {
  const anew = !memory || isForgotten(memory, endedAt, times);
  return { delay: anew ? times.initial : Math.min(times.max, memory.delay * 2), restartedAt: now };
}

function isForgotten({ restartedAt }: CrashMemory, endedAt: number, { max }: CrashTimes): boolean {
  return endedAt - restartedAt > 2 * max;
}
