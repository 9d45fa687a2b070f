/**
 * Statuses as API servers show them.
 *
 * @module
 */

/** A status without the counts that are 0, but for those named: Go leaves them out. */
export function withoutZeros<T extends object>(status: T, kept: readonly (keyof T)[] = []): T {
  const shown = Object.entries(status).filter(([name, value]) => {
    if (value === undefined || Array.isArray(value) && value.length === 0) return false;
    return value !== 0 || kept.includes(name as keyof T);
  });
  return Object.fromEntries(shown) as T;
}
