/**
 * Data versions for tests that only need to tell them apart.
 *
 * @module
 */
import type { DataVersion } from "../../lib/contract/data_version.ts";
import type { ContentId, Digest } from "../../lib/contract/ids.ts";

/** A version that differs from every other number's. */
export function version(n: number): DataVersion {
  const hex = n.toString(16).padStart(64, "0");
  return {
    path: `${n.toString(16)}-${hex.slice(-8)}.tar`,
    hash: hex.toUpperCase(),
    time: n,
    digest: `sha256:${hex}` as Digest,
    version: `sha256:${hex}` as ContentId,
  };
}
