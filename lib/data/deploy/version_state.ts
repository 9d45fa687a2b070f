/**
 * What a deployer notes of a version that it has finished.
 *
 * @module
 */
import { type DataVersion, readVersion, versionFields } from "../../contract/data_version.ts";

/** A finished version, as it is known after a restart. */
export interface VersionState {
  readonly version: DataVersion;
  /** Its manifest, as it was fetched. */
  readonly manifest: Uint8Array;
  /**
   * Whether all of its files are known to be on the disk. Until then a machine that lost its power may have lost
   * their content, so what is found at a start is hashed before it is trusted.
   */
  readonly synced: boolean;
}

/** Writes a state as JSON. */
export function formatVersionState({ version, manifest, synced }: VersionState): string {
  return JSON.stringify({
    ...versionFields(version),
    Synced: synced,
    Manifest: new TextDecoder().decode(manifest),
  });
}

/** Reads what {@link formatVersionState} writes, or `undefined` where it is anything else. */
export function parseVersionState(text: string): VersionState | undefined {
  try {
    const fields = JSON.parse(text);
    const version = readVersion(fields);
    if ("problem" in version || typeof fields.Manifest !== "string") return undefined;
    return {
      version,
      manifest: new TextEncoder().encode(fields.Manifest),
      synced: fields.Synced === true,
    };
  } catch {
    return undefined;
  }
}
