/**
 * Telling a full disk from other faults.
 *
 * @module
 */

/** Whether an error, or a cause of it, says that there is no room on a disk: ENOSPC, or EDQUOT of a quota. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (code === "ENOSPC" || code === "EDQUOT") return true;
    if (/no space left on device|disk quota exceeded|os error (28|122)\b/i.test(at.message)) return true;
  }
  return false;
}
