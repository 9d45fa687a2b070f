/**
 * Times as AutoCrane writes them into annotations: UTC, to the second, `2026-01-31T12:34:56`.
 *
 * @module
 */

/** Milliseconds since 1970-01-01T00:00:00Z: what `Date.now()` gives. */
export type Instant = number;

const shape = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|z|[+-]\d{2}:\d{2})?$/;

/** Formats an instant as `2026-01-31T12:34:56`, UTC. */
export function formatTime(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 19);
}

/**
 * Reads a time that AutoCrane or somebody else wrote. Without a zone it is UTC; with one (RFC 3339) the
 * zone counts; fractions of seconds are dropped.
 *
 * @returns the instant, or `undefined` where the text is no time
 */
export function parseTime(text: string): Instant | undefined {
  const parts = shape.exec(text);
  if (!parts) return undefined;
  const local = `${parts[1]}T${parts[2]}`;
  const asUtc = Date.parse(`${local}Z`);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isNaN(asUtc) || formatTime(asUtc) !== local) return undefined;
  const instant = parts[3] ? Date.parse(local + parts[3].toUpperCase()) : asUtc;
  return Number.isNaN(instant) ? undefined : instant;
}
