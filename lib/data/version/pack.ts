/**
 * Makes a version of a folder.
 *
 * @module
 */
import type { ContentId, Digest } from "../../contract/ids.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import { type Bucket, bucketsOf, layerTitle } from "./bucket.ts";
import { contentIdOf, layerKeyOf } from "./content_id.ts";
import type { Entry } from "./entry.ts";
import { FolderChanged } from "./folder_changed.ts";
import { FolderReader } from "./folder_reader.ts";
import type { LayerStore, StoredLayer } from "./layer_store.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { formatConfig, formatManifest, type Layer, type Manifest } from "./manifest.ts";
import { sameStamp, StatMemo } from "./memo.ts";
import { type Origin, type Packable, packLayer } from "./pack_layer.ts";
import { checkTree } from "./tree.ts";
import { Slices } from "../slices.ts";
import { type Found, walkFolder } from "./walk.ts";

/** What packing goes by. */
export interface PackOptions {
  /** Which files were read before and have not changed since: kept from one packing of a folder to the next. */
  readonly memo?: StatMemo;
  /** The version before, in the same store: its frames are taken over where a layer changed. */
  readonly previous?: Manifest;
  readonly limits?: Limits;
  /** Names at the folder's root that are no part of the version, such as `.git`. */
  readonly skip?: readonly string[];
  /**
   * Nothing writes to the folder while it is packed (it is a checkout of one's own): it is not looked at a second
   * time, at the end, for changes. Files that are read are still watched.
   */
  readonly still?: boolean;
  readonly signal?: AbortSignal;
}

/** A version in the store, and what it took to make it. */
export interface PackedVersion {
  /** Of the manifest. */
  readonly digest: Digest;
  /** Bytes of the manifest. */
  readonly size: number;
  readonly version: ContentId;
  readonly manifest: Manifest;
  /** Files, links and empty folders, in the order of their paths. */
  readonly entries: readonly Entry[];
  readonly work: PackWork;
}

/** What packing took. */
export interface PackWork {
  /** How often a file of the folder was read. */
  readonly filesRead: number;
  /** Layers that were written; the others were in the store. */
  readonly layersPacked: number;
}

/** How often packing begins anew because the folder changed. */
const maxAttempts = 3;

/**
 * Packs a folder into a store: the layers that the store lacks, a config and a manifest. The folder is one state of
 * it: where it changes meanwhile, packing begins anew.
 *
 * @throws BadVersion that names the entry, where the folder holds what no version may
 * @throws Failure where the folder keeps changing, or cannot be read
 */
export async function packFolder(
  folder: string,
  store: LayerStore,
  options: PackOptions = {},
): Promise<PackedVersion> {
  const packing = new Packing(folder, store, options);
  for (let attempt = 1;; attempt++) {
    try {
      return await packing.pack();
    } catch (error) {
      if (!(error instanceof FolderChanged)) throw error;
      if (attempt < maxAttempts) continue;
      const hint = "Pack it when nothing writes to it, or pack a copy.";
      throw new Failure(
        `Cannot pack ${folder}: it changed in each of ${maxAttempts} attempts: ${error.message}. ${hint}`,
        exitCode.couldNot,
        { cause: error },
      );
    }
  }
}

class Packing {
  readonly #folder: string;
  readonly #store: LayerStore;
  readonly #options: Required<Pick<PackOptions, "memo" | "limits" | "skip" | "still">>;
  readonly #origin: Origin;
  #layersPacked = 0;

  constructor(
    folder: string,
    store: LayerStore,
    { memo = new StatMemo(), previous, limits = defaultLimits, skip = [], still = false, signal }:
      PackOptions,
  ) {
    const slices = new Slices(signal);
    this.#folder = folder;
    this.#store = store;
    this.#options = { memo, limits, skip, still };
    this.#origin = { reader: new FolderReader({ folder, memo, slices }), previous, limits, slices };
  }

  async pack(): Promise<PackedVersion> {
    const { limits, memo, still } = this.#options;
    this.#origin.reader.release();
    const found = await this.#walk();
    checkTree(found, limits);
    memo.keepOnly(new Set(found.map(({ path }) => path)));
    const entries = new Map<string, Entry>();
    const layers: StoredLayer[] = [];
    for (const { bits, entries: inside } of bucketsOf(found)) {
      const packable = await this.#digested(inside);
      layers.push(await this.#layerOf({ bits, entries: packable }));
      this.#origin.reader.release();
      for (const one of packable) entries.set(one.path, entryOf(one));
      await this.#origin.slices.next();
    }
    if (!still) await this.#checkSame(found);
    return await this.#version(found.map(({ path }) => entries.get(path)!), layers);
  }

  #walk(): Promise<Found[]> {
    const { limits, skip } = this.#options;
    return walkFolder(this.#folder, { limits, skip, slices: this.#origin.slices });
  }

  async #digested(found: readonly Found[]): Promise<Packable[]> {
    const { memo } = this.#options;
    const packable: Packable[] = [];
    for (const one of found) {
      if (one.kind !== "file") packable.push(one);
      else {
        const { path, executable, size } = one;
        // Most files are known; what need not be waited for costs nothing.
        const digest = memo.recall(path, one.stamp) ?? await this.#origin.reader.digestOf(one);
        packable.push({ kind: "file", path, executable, size, digest, found: one });
      }
    }
    return packable;
  }

  async #layerOf(bucket: Bucket<Packable>): Promise<StoredLayer> {
    const key = layerKeyOf(bucket.entries);
    const stored = this.#store.find(key);
    // It may have been packed when the tree was dealt out otherwise.
    if (stored) return { ...stored, title: layerTitle(bucket.bits) };
    const layer = await packLayer(bucket, this.#store, this.#origin);
    await this.#store.keep(key, layer);
    this.#layersPacked++;
    return layer;
  }

  /** What did not change from the first look to the last was so, all of it, at every moment between. */
  async #checkSame(before: readonly Found[]): Promise<void> {
    const after = await this.#walk();
    for (let i = 0; i < Math.max(before.length, after.length); i++) {
      const a = before[i];
      const b = after[i];
      if (!a || !b || !same(a, b)) throw new FolderChanged((a ?? b)!.path);
    }
  }

  async #version(entries: readonly Entry[], layers: readonly StoredLayer[]): Promise<PackedVersion> {
    const config = formatConfig(layers.map(({ diffId }) => diffId));
    const manifest: Manifest = {
      version: contentIdOf(entries),
      config: { digest: await this.#store.blobs.put(config), size: config.length },
      layers: layers.map(({ diffId: _, ...layer }): Layer => layer),
    };
    const bytes = formatManifest(manifest);
    const digest = await this.#store.blobs.put(bytes);
    const work = { filesRead: this.#origin.reader.filesRead, layersPacked: this.#layersPacked };
    return { digest, size: bytes.length, version: manifest.version, manifest, entries, work };
  }
}

function entryOf(packable: Packable): Entry {
  if (packable.kind !== "file") return packable;
  const { found: _, ...file } = packable;
  return file;
}

function same(a: Found, b: Found): boolean {
  if (a.path !== b.path || a.kind !== b.kind) return false;
  if (a.kind === "link") return b.kind === "link" && a.target === b.target;
  if (a.kind === "folder" || b.kind !== "file") return true;
  return a.executable === b.executable && sameStamp(a.stamp, b.stamp);
}
