/**
 * Puts right what was altered in a tree that is in use.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { BlobSource } from "../fetch/blob_source.ts";
import { buildTree } from "../fetch/build_tree.ts";
import type { ReadVersion } from "../fetch/read_version.ts";
import { statOf } from "../fetch/stamp.ts";
import type { StoredEntry } from "../version/entry.ts";
import { parentOf } from "../version/path.ts";
import type { VersionStore } from "./version_store.ts";

/** What is wrong with a tree. */
export interface Damage {
  readonly wrong: readonly StoredEntry[];
  /** Paths that do not belong there. */
  readonly stray: readonly string[];
}

/** Whose tree it is, and where its content comes from. */
export interface RepairOptions {
  readonly digest: Digest;
  readonly source: BlobSource;
  readonly store: VersionStore;
  readonly fetched?: (bytes: number) => void;
}

/**
 * Fetches what is wrong into a folder of its own and moves it into its place, each by a rename: readers see what
 * was altered, or what is right.
 */
export async function repair(
  { layers }: ReadVersion,
  { wrong, stray }: Damage,
  { digest, source, store, fetched }: RepairOptions,
  signal: AbortSignal,
): Promise<void> {
  const { files, places } = store;
  const folder = places.version(digest);
  const target = places.partial(digest);
  const altered = new Set(wrong);
  const parts = layers.map(({ layer, entries }) => ({
    layer,
    entries: entries.filter((one) => altered.has(one)),
  }))
    .filter(({ entries }) => entries.length > 0);
  await store.discard(target);
  await buildTree({ source, layers: parts, target, files, fetched }, signal);
  const tree = new OpenTree(folder, store);
  for (const path of stray) {
    await tree.open(parentOf(path));
    await store.discard(`${folder}/${path}`);
  }
  for (const { path, kind } of wrong) {
    await tree.open(parentOf(path));
    const info = statOf(`${folder}/${path}`);
    if (info?.isDirectory || kind === "folder") await store.discard(`${folder}/${path}`);
    files.chmod(`${target}/${parentOf(path)}`, 0o755);
    files.rename(`${target}/${path}`, `${folder}/${path}`);
  }
  tree.close();
  await store.discard(target);
}

/** A finished tree whose folders are opened for changes one by one. */
class OpenTree {
  readonly #folder: string;
  readonly #store: VersionStore;
  readonly #opened = new Set<string>();

  constructor(folder: string, store: VersionStore) {
    this.#folder = folder;
    this.#store = store;
  }

  /** Makes sure that a folder and those above it are there, and can be written to. */
  async open(path: string): Promise<void> {
    if (this.#opened.has(path)) return;
    if (path !== "") await this.open(parentOf(path));
    const full = `${this.#folder}/${path}`;
    if (!statOf(full)?.isDirectory) {
      await this.#store.discard(full);
      this.#store.files.makeFolder(full);
    } else this.#store.files.chmod(full, 0o755);
    this.#opened.add(path);
  }

  close(): void {
    for (const path of this.#opened) this.#store.files.close(`${this.#folder}/${path}`);
  }
}
