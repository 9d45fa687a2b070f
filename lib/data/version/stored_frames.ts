/**
 * Frames of an earlier version, so that a layer of which one file changed is put together from what is stored.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Digest } from "../../contract/ids.ts";
import { Failure } from "../../runtime/failure.ts";
import type { BlobFolder } from "../blobs/blob_folder.ts";
import type { BlobReader } from "../blobs/blob_reader.ts";
import { bitsOfTitle } from "./bucket.ts";
import type { Chunk } from "./entry.ts";
import type { Limits } from "./limits.ts";
import type { Layer, Manifest } from "./manifest.ts";
import { parseTable } from "./parse_table.ts";
import { decompressFrame } from "./zstd.ts";

/** A piece of a file and the frame that it is stored as. */
export interface StoredPiece {
  readonly raw: Uint8Array;
  readonly frame: Uint8Array;
}

/** Frames by the digest of the file that they are. */
export class StoredFrames implements Disposable {
  readonly #files = new Map<Digest, { readonly blob: BlobReader; readonly chunks: readonly Chunk[] }>();
  readonly #blobs: BlobReader[] = [];

  /** Frames of those of `previous`' layers that can share entries with the bucket `bits`. */
  constructor(blobs: BlobFolder, previous: Manifest | undefined, bits: string, limits: Limits) {
    for (const layer of previous?.layers ?? []) {
      const other = bitsOfTitle(layer.title) ?? "";
      if (bits.startsWith(other) || other.startsWith(bits)) this.#add(blobs, layer, limits);
    }
  }

  /**
   * The pieces of the file with this digest, each checked; none where it is not stored. They end early where what
   * is stored is damaged.
   */
  *piecesOf(digest: Digest): Generator<StoredPiece> {
    const { blob, chunks = [] } = this.#files.get(digest) ?? {};
    for (const { offset, length, size, digest } of chunks) {
      const frame = blob!.read({ offset, length });
      const raw = decompressFrame(frame, size);
      if (!raw || `sha256:${createHash("sha256").update(raw).digest("hex")}` !== digest) return;
      yield { raw, frame };
    }
  }

  /** Closes the blobs. */
  [Symbol.dispose](): void {
    for (const blob of this.#blobs) blob[Symbol.dispose]();
  }

  /** A layer that is gone or damaged saves no work, and that is all. */
  #add(blobs: BlobFolder, layer: Layer, limits: Limits): void {
    try {
      const blob = blobs.open(layer.digest);
      this.#blobs.push(blob);
      for (const entry of parseTable(blob.read(layer.table), layer, limits)) {
        if (entry.kind === "file") this.#files.set(entry.digest, { blob, chunks: entry.chunks });
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
}
