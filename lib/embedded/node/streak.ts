/**
 * How many probes in a row it takes.
 *
 * @module
 */

/** Outcomes in a row that are alike. */
export interface Streak {
  readonly ok: boolean;
  readonly length: number;
}

/** The streak with one more outcome: another one begins anew. */
export function extended(streak: Streak | undefined, ok: boolean): Streak {
  return { ok, length: streak?.ok === ok ? streak.length + 1 : 1 };
}

/** Whether a streak is long enough to be believed. */
export function isReached(
  { ok, length }: Streak,
  thresholds: { readonly successes: number; readonly failures: number },
): boolean {
  return length >= (ok ? thresholds.successes : thresholds.failures);
}
