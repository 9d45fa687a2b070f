/**
 * Reads a file of a folder piece by piece, and notices when it changes.
 *
 * @module
 */
import { exitCode, Failure, messageOf } from "../../runtime/failure.ts";
import { shown } from "./bad_version.ts";
import { FolderChanged } from "./folder_changed.ts";
import { chunkBytes } from "./limits.ts";
import { sameStamp } from "./memo.ts";
import { type FoundFile, stampOf } from "./walk.ts";

/**
 * Gives a file's content from `start` on, in pieces of {@link chunkBytes}. A piece is valid until the next is
 * asked for.
 *
 * @throws FolderChanged where the file is not, before and after, the one that was found
 */
export function* readPieces(folder: string, found: FoundFile, start = 0): Generator<Uint8Array> {
  const { size } = found.stamp;
  if (start >= size) return;
  using file = openUnchanged(folder, found);
  if (start > 0) file.seekSync(start, Deno.SeekMode.Start);
  const buffer = new Uint8Array(Math.min(size - start, chunkBytes));
  for (let at = start; at < size; at += chunkBytes) {
    yield fill(file, buffer.subarray(0, size - at), found.path);
  }
  checkUnchanged(file, found);
}

function openUnchanged(folder: string, found: FoundFile): Deno.FsFile {
  const file = open(folder, found.path);
  try {
    checkUnchanged(file, found);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function open(folder: string, path: string): Deno.FsFile {
  try {
    return Deno.openSync(`${folder}/${path}`);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw new FolderChanged(path);
    throw new Failure(
      `Cannot pack ${folder}: entry ${shown(path)} cannot be read: ${messageOf(cause)}.`,
      exitCode.couldNot,
      { cause },
    );
  }
}

function checkUnchanged(file: Deno.FsFile, { path, stamp }: FoundFile): void {
  if (!sameStamp(stampOf(file.statSync()), stamp)) throw new FolderChanged(path);
}

function fill(file: Deno.FsFile, piece: Uint8Array, path: string): Uint8Array {
  for (let at = 0; at < piece.length;) {
    const count = file.readSync(piece.subarray(at));
    if (count === null) throw new FolderChanged(path);
    at += count;
  }
  return piece;
}
