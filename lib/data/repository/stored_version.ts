/**
 * Versions as the repository keeps them, and what becomes of the list when one is added.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";

/** A version in the store. */
export interface StoredVersion extends DataVersion {
  /** When it came into the catalogue, seconds since 1970. */
  readonly packedAt: number;
}

/** A source's versions, oldest first; no two of the same content. */
export type Versions = readonly StoredVersion[];

/** A source's newest version. */
export function newest(versions: Versions): StoredVersion | undefined {
  return versions.at(-1);
}

/**
 * The list with a version as the newest. What is the newest already stays as it is, however it was packed this
 * time; content that is an older version's (a change was taken back) becomes the newest, under its new name.
 */
export function withNewest(versions: Versions, version: StoredVersion): Versions {
  if (newest(versions)?.version === version.version) return versions;
  return [...versions.filter((one) => one.version !== version.version), version];
}

/** The list with a version that was lost and is packed again: as the oldest, as it is not what is new. */
export function withRestored(versions: Versions, version: StoredVersion): Versions {
  return versions.some((one) => one.version === version.version) ? versions : [version, ...versions];
}

/** A version's tag: its name at the repository without `.tar`. */
export function tagOf({ path }: DataVersion): string {
  return path.replace(/\.tar$/, "");
}

/** The version of a name. Another folder of the same commit gives the same name: the newest is meant. */
export function findPath(versions: Versions, path: string): StoredVersion | undefined {
  return versions.findLast((one) => one.path === path);
}

/** The version that a digest, a tag or `latest` means. */
export function findVersion(versions: Versions, reference: string): StoredVersion | undefined {
  if (reference === "latest") return newest(versions);
  return versions.find(({ digest }) => digest === reference) ?? findPath(versions, `${reference}.tar`);
}
