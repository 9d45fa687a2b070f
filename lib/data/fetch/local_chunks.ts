/**
 * Pieces of a large file that are on the disk already.
 *
 * @module
 */
import type { Chunk, StoredFile } from "../version/entry.ts";
import { digestOf, readPiece } from "./content.ts";
import type { Files } from "./files.ts";
import { othersTurn } from "../slices.ts";
import { statOf } from "./stamp.ts";

/** Where pieces may be, and where they go. */
export interface LocalChunksOptions {
  readonly target: string;
  readonly base?: string;
  readonly files: Files;
}

/**
 * Takes over the pieces that the unfinished file has already, or the base's file at the same place.
 *
 * @returns those that are nowhere
 */
export async function missingChunks(
  file: StoredFile,
  { target, base, files }: LocalChunksOptions,
  signal: AbortSignal,
): Promise<Chunk[]> {
  const path = `${target}/${file.path}`;
  const old = base === undefined ? undefined : `${base}/${file.path}`;
  const begun = statOf(path) !== undefined;
  const usable = old !== undefined && statOf(old)?.isFile === true;
  const missing: Chunk[] = [];
  for (const chunk of file.chunks) {
    if (begun && holds(readPiece(path, chunk.start, chunk.size), chunk)) continue;
    const content = usable ? readPiece(old, chunk.start, chunk.size) : undefined;
    if (content && holds(content, chunk)) files.writeAt(path, chunk.start, content);
    else missing.push(chunk);
    await othersTurn();
    signal.throwIfAborted();
  }
  return missing;
}

function holds(content: Uint8Array | undefined, { size, digest }: Chunk): boolean {
  return content !== undefined && content.length === size && digestOf(content) === digest;
}
