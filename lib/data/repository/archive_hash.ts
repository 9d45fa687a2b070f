/**
 * The hash of the archive that the older route serves, which is not stored anywhere: from its parts.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { BlobFolder } from "../blobs/blob_folder.ts";
import { type ArchivePart, legacyArchive } from "../version/legacy.ts";
import type { Layer } from "../version/manifest.ts";
import { Slices } from "../slices.ts";

/** Hashes versions of one source. Of one that begins as the one before did, only the rest is read. */
export class ArchiveHasher {
  /** The parts of the version before, each with the hash up to its end. */
  #before: { readonly part: string; readonly upTo: Hash }[] = [];

  /** SHA-256 of a version's archive, upper-case hex. */
  async hash(layers: readonly Layer[], blobs: BlobFolder, signal: AbortSignal): Promise<string> {
    const slices = new Slices(signal);
    const parts = legacyArchive(layers);
    const names = parts.map(nameOf);
    const same = this.#before.findIndex(({ part }, i) => part !== names[i]);
    const known = this.#before.slice(0, same < 0 ? undefined : same);
    let hash = known.at(-1)?.upTo.copy() ?? createHash("sha256");
    for (let i = known.length; i < parts.length; i++) {
      await update(hash, parts[i]!, blobs, slices);
      known.push({ part: names[i]!, upTo: hash });
      hash = hash.copy();
    }
    this.#before = known;
    return hash.digest("hex").toUpperCase();
  }
}

function nameOf(part: ArchivePart): string {
  return "bytes" in part ? "end" : `${part.digest} ${part.offset} ${part.length}`;
}

async function update(hash: Hash, part: ArchivePart, blobs: BlobFolder, slices: Slices): Promise<void> {
  if ("bytes" in part) return void hash.update(part.bytes);
  using blob = blobs.open(part.digest);
  for (const piece of blob.pieces(part)) {
    hash.update(piece);
    await slices.next();
  }
}
