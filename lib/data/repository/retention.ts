/**
 * Which versions may go.
 *
 * @module
 */
import type { StoredVersion, Versions } from "./stored_version.ts";

/** What decides over a source's versions. */
export interface RetentionRules {
  /** Whether somebody has the version, or is to have it. */
  readonly kept: (version: StoredVersion) => boolean;
  /** Newest versions that stay whatever is kept. */
  readonly last: number;
  /** Versions that came so many seconds ago or less stay: whoever keeps them may not have said so yet. */
  readonly graceSeconds: number;
}

/** The versions of a source that nobody needs any more. Pure. */
export function unneeded(versions: Versions, rules: RetentionRules, now: number): StoredVersion[] {
  const older = versions.slice(0, Math.max(0, versions.length - rules.last));
  // A clock that was set back makes ages negative: then a version is young.
  return older.filter((one) => !rules.kept(one) && now - one.packedAt > rules.graceSeconds);
}
