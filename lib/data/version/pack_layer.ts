/**
 * Packs one bucket of a folder's entries into a layer.
 *
 * @module
 */
import { type Bucket, layerTitle } from "./bucket.ts";
import type { Entry, FileEntry, FolderEntry } from "./entry.ts";
import { FolderChanged } from "./folder_changed.ts";
import type { FolderReader } from "./folder_reader.ts";
import type { LayerStore, StoredLayer } from "./layer_store.ts";
import { LayerWriter } from "./layer_writer.ts";
import type { Limits } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { foldersOf, inOrder } from "./path.ts";
import { StoredFrames } from "./stored_frames.ts";
import type { Slices } from "../slices.ts";
import type { FoundFile } from "./walk.ts";
import { compressFrame } from "./zstd.ts";

/** A file of a folder, and what it holds. */
export interface DigestedFile extends FileEntry {
  readonly found: FoundFile;
}

/** What a layer is packed of. */
export type Packable = DigestedFile | Exclude<Entry, FileEntry>;

/** Where a layer's content comes from. */
export interface Origin {
  readonly reader: FolderReader;
  /** The version before, in the same store. */
  readonly previous: Manifest | undefined;
  readonly limits: Limits;
  readonly slices: Slices;
}

/**
 * Writes a layer.
 *
 * @throws FolderChanged where a file's content is not what its digest says
 */
export async function packLayer(
  { bits, entries }: Bucket<Packable>,
  store: LayerStore,
  origin: Origin,
): Promise<StoredLayer> {
  using frames = new StoredFrames(store.blobs, origin.previous, bits, origin.limits);
  const blob = store.blobs.writer();
  try {
    const layer = new LayerWriter(blob);
    for (const entry of withFolders(entries)) {
      if (entry.kind === "file") await packFile(entry, layer, frames, origin);
      else layer.plain(entry);
      await origin.slices.next();
    }
    return await layer.commit(layerTitle(bits));
  } catch (error) {
    blob.abort();
    throw error;
  }
}

/** A layer tells of every folder above its entries, or partial pulls make them without any permission. */
function withFolders(entries: readonly Packable[]): Packable[] {
  const folders = foldersOf(entries.map(({ path }) => path));
  const implied = [...folders].map((path): FolderEntry => ({ kind: "folder", path }));
  return inOrder([...implied, ...entries]);
}

async function packFile(
  { found, ...file }: DigestedFile,
  layer: LayerWriter,
  frames: StoredFrames,
  { reader, slices }: Origin,
): Promise<void> {
  const content = layer.file(file);
  let done = 0;
  for (const { raw, frame } of frames.piecesOf(file.digest)) {
    content.piece(raw, frame);
    done += raw.length;
    await slices.next();
  }
  for (const raw of reader.piecesOf(found, done)) {
    content.piece(raw, compressFrame(raw));
    await slices.next();
  }
  if (content.end() !== file.digest) throw new FolderChanged(file.path);
}
