/**
 * Making versions of fetched trees.
 *
 * @module
 */
import { type DataVersion, formatPath } from "../../contract/data_version.ts";
import type { ContentId } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { FetchedTree } from "../source/source.ts";
import { StatMemo } from "../version/memo.ts";
import { type PackedVersion, packFolder } from "../version/pack.ts";
import { ArchiveHasher } from "./archive_hash.ts";
import { CheckoutMemo } from "./checkout_memo.ts";
import { newest } from "./stored_version.ts";
import type { Repository } from "./repository.ts";

/** Characters of a content's identity that stand for the commit where there is none. */
const commitCharacters = 40;

/** Packs one source's trees. What was read once is not read again. */
export class Packer {
  readonly #source: string;
  readonly #repository: Repository;
  readonly #clock: Clock;
  readonly #hasher = new ArchiveHasher();
  #memo: StatMemo | undefined;

  constructor(source: string, repository: Repository, clock: Clock) {
    this.#source = source;
    this.#repository = repository;
    this.#clock = clock;
  }

  /**
   * Packs a tree and adds it as the source's newest version, where its content is not that already.
   *
   * @throws BadVersion where the tree breaks the format or a limit
   */
  async add(
    tree: FetchedTree,
    signal: AbortSignal,
  ): Promise<{ readonly packed: PackedVersion; readonly isNew: boolean }> {
    return await this.#repository.changes.run(async () => {
      const packed = await this.#pack(tree, signal);
      // The same content is the same version, whatever its name would be now.
      const isNew = newest(this.#versions())?.version !== packed.version;
      if (isNew) {
        const path = formatPath(tree.time, tree.commit ?? nameOf(packed.version));
        await this.#repository.add(this.#source, await this.#stored(packed, path, tree.time, signal));
      }
      return { packed, isNew };
    }, signal);
  }

  /**
   * Packs the tree of a version that was lost, and adds it under its old name.
   *
   * @throws Error where its content is another one
   */
  async restore(lost: DataVersion, tree: FetchedTree, signal: AbortSignal): Promise<void> {
    await this.#repository.changes.run(async () => {
      const packed = await this.#pack(tree, signal);
      if (packed.version !== lost.version) {
        throw new Error(`Cannot restore ${lost.path}: its commit has other content now (${packed.version}).`);
      }
      const version = await this.#stored(packed, lost.path, lost.time, signal);
      await this.#repository.restore(this.#source, version);
    }, signal);
  }

  async #pack(tree: FetchedTree, signal: AbortSignal): Promise<PackedVersion> {
    const { store } = this.#repository;
    const last = newest(this.#versions());
    const previous = last && this.#repository.manifest(last.digest);
    this.#memo ??= tree.still ? new CheckoutMemo() : new StatMemo();
    return await packFolder(tree.folder, store, {
      memo: this.#memo,
      still: tree.still,
      signal,
      ...(previous && { previous }),
    });
  }

  async #stored(packed: PackedVersion, path: string, time: number, signal: AbortSignal) {
    const { digest, version, manifest } = packed;
    const hash = await this.#hasher.hash(manifest.layers, this.#repository.store.blobs, signal);
    return { path, hash, time, digest, version, packedAt: Math.floor(this.#clock.now() / 1000) };
  }

  #versions() {
    return this.#repository.versionsOf(this.#source);
  }
}

/** Stands for the commit in the name of a version whose source has none. */
function nameOf(version: ContentId): string {
  return version.slice("sha256:".length, "sha256:".length + commitCharacters);
}
