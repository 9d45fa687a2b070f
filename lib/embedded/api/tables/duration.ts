/**
 * Durations as people read them in `kubectl get`.
 *
 * @module
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Up to which duration it is said how: in which unit, and with which smaller one behind it. */
const steps: readonly { below: number; unit: Unit; rest?: Unit }[] = [
  { below: 2 * minute, unit: [second, "s"] },
  { below: 10 * minute, unit: [minute, "m"], rest: [second, "s"] },
  { below: 3 * hour, unit: [minute, "m"] },
  { below: 8 * hour, unit: [hour, "h"], rest: [minute, "m"] },
  { below: 2 * day, unit: [hour, "h"] },
  { below: 8 * day, unit: [day, "d"], rest: [hour, "h"] },
  { below: 2 * year, unit: [day, "d"] },
  { below: 8 * year, unit: [year, "y"], rest: [day, "d"] },
  { below: Infinity, unit: [year, "y"] },
];

/** Milliseconds and letter. */
type Unit = readonly [ms: number, letter: string];

/**
 * Two or three figures of a duration: `45s`, `4m30s`, `25h`, `3d4h`.
 *
 * @param ms milliseconds; clocks may differ by a second, so only less than -1 s is `<invalid>`
 */
export function humanDuration(ms: number): string {
  if (ms <= -2 * second) return "<invalid>";
  const lasted = Math.max(ms, 0);
  const { unit: [length, letter], rest } = steps.find(({ below }) => lasted < below)!;
  const whole = `${Math.floor(lasted / length)}${letter}`;
  if (!rest) return whole;
  const left = Math.floor(lasted % length / rest[0]);
  return left === 0 ? whole : `${whole}${left}${rest[1]}`;
}

/** How long ago a time of Kubernetes was. */
export function since(time: string | undefined, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : "<unknown>";
}
