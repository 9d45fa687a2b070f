/**
 * Fetches the content of files, verifies every piece, and writes them.
 *
 * @module
 */
import type { Chunk, StoredFile } from "../version/entry.ts";
import { shown } from "../version/bad_version.ts";
import type { Layer } from "../version/manifest.ts";
import { decompressFrame } from "../version/zstd.ts";
import { type BlobSource, FetchFailure } from "./blob_source.ts";
import { digestOfFile, expectDigest } from "./content.ts";
import type { Files } from "./files.ts";
import { missingChunks } from "./local_chunks.ts";
import type { Missing } from "./plan.ts";
import { coalesce, type WantedRange } from "./ranges.ts";
import { inSlices, othersTurn } from "../slices.ts";
import { inParallel } from "./in_parallel.ts";
import { modeOf } from "./stamp.ts";

/** Where files come from and go to. */
export interface FetchFilesOptions {
  readonly source: BlobSource;
  /** The new tree's folder; the files' own folders are there. */
  readonly target: string;
  /** A tree that may have other pieces of the same files. */
  readonly base?: string;
  readonly files: Files;
  /** Told of bytes that were fetched. */
  readonly fetched: (bytes: number) => void;
}

/** A frame to be fetched. */
interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly file: StoredFile;
  readonly chunk: Chunk;
}

interface LayerRange extends WantedRange<Piece> {
  readonly layer: Layer;
}

/** Ranges that are fetched at once. */
const atOnce = 4;

/**
 * Writes files that are nowhere on the disk. Of a file in several pieces, those are fetched that are not in what
 * an attempt before left, or at the same place in the base.
 *
 * @throws FetchFailure where something cannot be had, or is not what it should be
 */
export async function fetchFiles(
  missing: readonly Missing[],
  options: FetchFilesOptions,
  signal: AbortSignal,
): Promise<void> {
  const ranges = await rangesOf(missing, options, signal);
  await inParallel(ranges, { atOnce, signal }, async (range, signal) => {
    const bytes = await options.source.read(range.layer.digest, range, signal);
    options.fetched(bytes.length);
    await inSlices(range.pieces, signal, (piece) => {
      const start = piece.offset - range.offset;
      writePiece(piece, bytes.subarray(start, start + piece.length), options);
    });
    await othersTurn();
  });
  for (const { file } of missing) {
    if (file.chunks.length > 1) await finishFile(file, options, signal);
  }
}

async function rangesOf(
  missing: readonly Missing[],
  options: FetchFilesOptions,
  signal: AbortSignal,
): Promise<LayerRange[]> {
  const pieces = new Map<Layer, Piece[]>();
  for (const { file, layer: { layer } } of missing) {
    if (file.chunks.length === 0) writeEmpty(file, options);
    const chunks = file.chunks.length > 1 ? await missingChunks(file, options, signal) : file.chunks;
    const list = pieces.get(layer) ?? [];
    for (const chunk of chunks) list.push({ offset: chunk.offset, length: chunk.length, file, chunk });
    pieces.set(layer, list);
  }
  return [...pieces].flatMap(([layer, list]) => coalesce(list).map((range) => ({ ...range, layer })));
}

function writeEmpty(file: StoredFile, { target, files }: FetchFilesOptions): void {
  files.create(`${target}/${file.path}`, new Uint8Array(0), modeOf(file));
}

function writePiece({ file, chunk }: Piece, frame: Uint8Array, { target, files }: FetchFilesOptions): void {
  const content = decompressFrame(frame, chunk.size);
  if (!content) {
    const words = `Wrong bytes for ${shown(file.path)}: a piece does not decompress to ${chunk.size} bytes.`;
    throw new FetchFailure("digest", words);
  }
  expectDigest(content, chunk.digest, () => `a piece of ${shown(file.path)}`);
  const path = `${target}/${file.path}`;
  // The digest of the only piece is the file's own.
  if (file.chunks.length === 1) files.create(path, content, modeOf(file));
  else files.writeAt(path, chunk.start, content);
}

async function finishFile(
  file: StoredFile,
  { target, files }: FetchFilesOptions,
  signal: AbortSignal,
): Promise<void> {
  const path = `${target}/${file.path}`;
  const is = await digestOfFile(path, signal);
  if (is !== file.digest) {
    throw new FetchFailure(
      "digest",
      `Wrong bytes for ${shown(file.path)}: its digest is ${is}, not ${file.digest}.`,
    );
  }
  files.finish(path, modeOf(file));
}
