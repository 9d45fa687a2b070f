/**
 * Work for many items, a few at once.
 *
 * @module
 */

/** Does `work` for each item, for a few at once. The first that throws stops the rest, and is thrown. */
export async function inParallel<T>(
  items: readonly T[],
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      both.throwIfAborted();
      await work(items[next++]!, both);
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, () =>
    worker().catch((error) => {
      stop.abort(error);
      throw error;
    }));
  // All have ended before anybody goes on: none writes into what may be removed by then.
  const ends = await Promise.allSettled(workers);
  signal.throwIfAborted();
  if (ends.some(({ status }) => status === "rejected")) throw stop.signal.reason;
}
