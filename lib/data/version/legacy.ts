/**
 * A version as one zstd-compressed tar, made of ranges of its layers' blobs: nothing is stored twice.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { Layer } from "./manifest.ts";
import { endOfArchiveFrame, skippableHeaderBytes } from "./zstd.ts";

/** A part of the archive: a range of a blob, or bytes themselves. */
export type ArchivePart =
  | { readonly digest: Digest; readonly offset: number; readonly length: number }
  | { readonly bytes: Uint8Array };

/** The parts of the archive in order: each layer without its end-of-archive blocks and table, then one end. */
export function legacyArchive(layers: readonly Layer[]): ArchivePart[] {
  const contents = layers.map((layer) => ({ digest: layer.digest, offset: 0, length: contentLength(layer) }));
  return [...contents.filter(({ length }) => length > 0), { bytes: endOfArchiveFrame }];
}

/** Bytes of the whole archive. */
export function legacyArchiveSize(layers: readonly Layer[]): number {
  return layers.reduce((total, layer) => total + contentLength(layer), endOfArchiveFrame.length);
}

/** A layer ends its tar with a frame of its own, which has the same length in all layers; then comes the table. */
function contentLength({ table }: Layer): number {
  return table.offset - skippableHeaderBytes - endOfArchiveFrame.length;
}
