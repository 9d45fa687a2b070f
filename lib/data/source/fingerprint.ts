/**
 * Whether a folder changed, without reading its files.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { Slices } from "../slices.ts";

/**
 * A digest over the names, kinds, sizes and times of everything in a folder.
 *
 * @throws the file system's error where the folder, or one in it, cannot be read
 */
export async function fingerprint(folder: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const slices = new Slices(signal);
  for (const _ of walked(folder, hash)) await slices.next();
  return hash.digest("hex");
}

/** Takes one entry a step, in the order of their names. Sync calls are several times cheaper than others. */
function* walked(folder: string, hash: Hash): Generator<void> {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  for (const name of names) {
    const path = join(folder, name);
    const info = lstatOf(path);
    if (!info) continue;
    hash.update(
      JSON.stringify([name, info.mode, info.size, info.ino, info.mtime, info.ctime, info.isDirectory]),
    );
    if (info.isDirectory) {
      yield* walked(path, hash);
      hash.update("]");
    }
    yield;
  }
}

/** What is deleted in this moment is as if it had never been there. */
function lstatOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
