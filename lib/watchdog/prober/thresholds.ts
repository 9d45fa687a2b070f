/**
 * From single probes to a watchdog's level: so many failures in a row make an error, so many successes
 * clear it.
 *
 * @module
 */
import type { ProbeOptions } from "../../contract/probe.ts";

/** What a watchdog's probes amount to. */
export interface Verdict {
  readonly level: "error" | "info";
  /** The last probe's own words. */
  readonly message: string;
}

/** One watchdog's probes in a row. */
export interface Streak {
  readonly ok: boolean;
  readonly length: number;
}

/** The streak after one more result. */
export function extend(streak: Streak | undefined, ok: boolean): Streak {
  return streak?.ok === ok ? { ok, length: streak.length + 1 } : { ok, length: 1 };
}

/** The level that a streak reaches, or `undefined` while it is too short to change anything. */
export function levelOf(
  { ok, length }: Streak,
  { failures, successes }: Pick<ProbeOptions, "failures" | "successes">,
): Verdict["level"] | undefined {
  if (ok) return length >= successes ? "info" : undefined;
  return length >= failures ? "error" : undefined;
}
