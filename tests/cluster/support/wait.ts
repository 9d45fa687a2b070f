/**
 * Waiting for conditions, never for luck.
 *
 * @module
 */

/** Milliseconds from one look to the next. */
const every = 50;

/**
 * Looks until `look` gives something other than `undefined` or `false`, and returns it.
 *
 * @param what for the error: what was waited for
 * @throws Error after `within` milliseconds, with what `look` threw last, if it did
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  within: number = 30_000,
): Promise<T> {
  const deadline = performance.now() + within;
  let cause: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${within / 1000} s`, { cause });
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Lets a stretch of time pass that a promise is about ("for a minute nothing is written"). */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
