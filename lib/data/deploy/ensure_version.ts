/**
 * Sees to it that a version is in a location, whole.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { type BlobSource, FetchFailure } from "../fetch/blob_source.ts";
import { buildTree } from "../fetch/build_tree.ts";
import { type ReadVersion, readVersion } from "../fetch/read_version.ts";
import type { Limits } from "../version/limits.ts";
import { repair } from "./repair.ts";
import { strayPaths, wrongEntries } from "./tree_check.ts";
import type { VersionStore } from "./version_store.ts";

/** What it takes to have a version. */
export interface EnsureOptions {
  readonly source: BlobSource;
  readonly store: VersionStore;
  readonly limits?: Limits;
  /** Told of bytes that were fetched. */
  readonly fetched?: (bytes: number) => void;
}

/**
 * Makes a version's tree, unless it is there; what of it was altered is put right. The lock on the location is
 * held by the caller. Killed at any instant, the next call goes on.
 *
 * @throws FetchFailure or BadVersion where it cannot be had; what is in place stays as it is
 */
export async function ensureVersion(
  version: DataVersion,
  options: EnsureOptions,
  signal: AbortSignal,
): Promise<void> {
  const { source, store, limits } = options;
  const { digest } = version;
  const stored = store.read(digest);
  const known = stored ?? await readVersion({ source, digest, tables: store.tables, limits }, signal);
  expectContent(known, version);
  if (!store.has(digest)) await build(known, version, options, signal);
  else await putRight(known, version, options, signal);
  store.trust(digest);
  store.tables.keepInMemory(known.manifest.layers);
}

function expectContent({ manifest }: ReadVersion, { digest, version }: DataVersion): void {
  if (manifest.version === version) return;
  const words = `asks for the content ${version}, and the manifest ${digest} has ${manifest.version}`;
  throw new FetchFailure("request", `The request ${words}.`);
}

async function build(
  known: ReadVersion,
  version: DataVersion,
  { source, store, fetched }: EnsureOptions,
  signal: AbortSignal,
): Promise<void> {
  const { files, places } = store;
  const target = places.partial(version.digest);
  await buildTree(
    { source, layers: known.layers, target, base: store.baseFor(known), files, fetched },
    signal,
  );
  // Its state comes first: a tree without one would have to be read before it is trusted.
  await store.note({ version, manifest: known.bytes, synced: false });
  await files.publish(target, places.version(version.digest));
}

async function putRight(
  known: ReadVersion,
  version: DataVersion,
  options: EnsureOptions,
  signal: AbortSignal,
): Promise<void> {
  const { store } = options;
  const { digest } = version;
  const folder = store.places.version(digest);
  const how = store.isTrusted(digest) ? "stamps" : "content";
  const entries = known.layers.flatMap(({ entries }) => entries);
  const wrong = await wrongEntries(entries, { folder, how, files: store.files }, signal);
  const stray = await strayPaths(entries, folder, signal);
  if (wrong.length + stray.length > 0) {
    if (!store.linked().has(digest)) {
      await store.discard(folder);
      return await build(known, version, options, signal);
    }
    await repair(known, { wrong, stray }, { ...options, digest }, signal);
  }
  if (!store.state(digest)) await store.note({ version, manifest: known.bytes, synced: false });
}
