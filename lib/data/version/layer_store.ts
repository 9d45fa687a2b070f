/**
 * Layers by what they hold: a layer that is there already is not packed again. So one store gives one manifest for
 * one content, whatever release of zstd it runs.
 *
 * @module
 */
import { type Digest, parseDigest } from "../../contract/ids.ts";
import { WritableBlobFolder } from "../blobs/blob_folder.ts";
import { publishFile, temporaryPrefix } from "../publish.ts";
import { BadVersion } from "./bad_version.ts";
import { digestOf, objectOf, parseJson } from "./fields.ts";
import { descriptorOf, type Layer } from "./manifest.ts";
import { readLayer } from "./parse_manifest.ts";

/** A layer of the store. */
export interface StoredLayer extends Layer {
  /** Of the uncompressed tar: the config's `diff_ids`. */
  readonly diffId: Digest;
}

/** A folder with blobs, and in `.layers` a note of each that is a layer. One process at a time has it open. */
export class LayerStore implements Disposable {
  /** The blobs themselves. */
  readonly blobs: WritableBlobFolder;
  readonly #notes: string;

  private constructor(blobs: WritableBlobFolder, notes: string) {
    this.blobs = blobs;
    this.#notes = notes;
  }

  /**
   * Opens a store, makes its folders, and removes what a killed writer left.
   *
   * @throws Failure where another process has it open
   */
  static async open(folder: string): Promise<LayerStore> {
    const blobs = await WritableBlobFolder.open(folder);
    const notes = `${folder}/.layers`;
    try {
      await Deno.mkdir(notes, { recursive: true });
      for await (const { name } of Deno.readDir(notes)) {
        if (name.startsWith(temporaryPrefix)) await Deno.remove(`${notes}/${name}`);
      }
      return new LayerStore(blobs, notes);
    } catch (error) {
      blobs[Symbol.dispose]();
      throw error;
    }
  }

  /** The layer that holds just the entries that `key` is the identity of, if its blob is here. */
  find(key: Digest): StoredLayer | undefined {
    const layer = readNote(this.#noteOf(key));
    return layer && this.blobs.size(layer.digest) === layer.size ? layer : undefined;
  }

  /** Notes the layer of the entries that `key` is the identity of. Its blob is here already. */
  keep(key: Digest, layer: StoredLayer): Promise<void> {
    return publishFile(this.#noteOf(key), JSON.stringify({ ...descriptorOf(layer), diffId: layer.diffId }));
  }

  /** Forgets layers whose blobs are gone: called after blobs were deleted. */
  async prune(): Promise<void> {
    for await (const { name } of Deno.readDir(this.#notes)) {
      const key = parseDigest(`sha256:${name}`);
      if (key && !this.find(key)) await Deno.remove(this.#noteOf(key));
    }
  }

  /** Lets other processes open the store. */
  [Symbol.dispose](): void {
    this.blobs[Symbol.dispose]();
  }

  #noteOf(key: Digest): string {
    return `${this.#notes}/${key.slice("sha256:".length)}`;
  }
}

/** A note that cannot be read is as good as none: its layer is packed again. */
function readNote(path: string): StoredLayer | undefined {
  const refuse = (problem: string) => new BadVersion(`Cannot read ${path}: ${problem}.`);
  try {
    const note = objectOf(parseJson(Deno.readFileSync(path), "it", refuse), "it", refuse);
    return { ...readLayer(note, "it"), diffId: digestOf(note.diffId, "diffId", refuse) };
  } catch (error) {
    if (error instanceof BadVersion || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
