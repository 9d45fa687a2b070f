/**
 * Digests of bytes and of files on the disk.
 *
 * @module
 */
import { createHash, hash } from "node:crypto";
import type { Digest } from "../../contract/ids.ts";
import { FetchFailure } from "./blob_source.ts";
import { othersTurn } from "../slices.ts";

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${hash("sha256", bytes, "hex")}` as Digest;
}

/**
 * Holds bytes to their digest.
 *
 * @param what names them, for the error
 * @throws FetchFailure where they are others
 */
export function expectDigest(bytes: Uint8Array, digest: Digest, what: () => string): void {
  const is = digestOf(bytes);
  if (is === digest) return;
  throw new FetchFailure("digest", `Wrong bytes for ${what()}: their digest is ${is}, not ${digest}.`);
}

/** Bytes of a file that are read before others have their turn. */
const stepBytes = 4 << 20;

/**
 * The digest of a file's content, with turns for others in between.
 *
 * @throws Deno.errors where it cannot be read
 */
export async function digestOfFile(path: string, signal: AbortSignal): Promise<Digest> {
  using file = await Deno.open(path, { read: true });
  const sum = createHash("sha256");
  const buffer = new Uint8Array(64 << 10);
  for (let step = 0;;) {
    const count = readSome(file, buffer);
    if (count === 0) return `sha256:${sum.digest("hex")}` as Digest;
    sum.update(buffer.subarray(0, count));
    if ((step += count) < stepBytes) continue;
    step = 0;
    await othersTurn();
    signal.throwIfAborted();
  }
}

function readSome(file: Deno.FsFile, buffer: Uint8Array): number {
  return file.readSync(buffer) ?? 0;
}

/** A piece of a file, or less where the file ends before; `undefined` where there is no such file. */
export function readPiece(path: string, offset: number, size: number): Uint8Array | undefined {
  try {
    using file = Deno.openSync(path, { read: true });
    file.seekSync(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size);
    let got = 0;
    for (let count: number | null = 1; got < size && count; got += count ?? 0) {
      count = file.readSync(bytes.subarray(got));
    }
    return bytes.subarray(0, got);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
