/**
 * A version's bytes from an OCI image layout folder.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Range } from "../blobs/blob_reader.ts";
import { maxManifestBytes } from "../version/limits.ts";
import { type BlobSource, FetchFailure } from "./blob_source.ts";

/** Reads blobs under `<folder>/blobs/sha256`. The folder is only read. */
export function layoutSource(folder: string): BlobSource {
  const path = (digest: Digest) => `${folder}/blobs/${digest.replace(":", "/")}`;
  const reading = (digest: Digest, read: (file: Deno.FsFile) => Uint8Array) => {
    try {
      using file = Deno.openSync(path(digest), { read: true });
      return Promise.resolve(read(file));
    } catch (cause) {
      return Promise.reject(cause instanceof FetchFailure ? cause : unreadable(path(digest), cause));
    }
  };
  return {
    manifest: (digest) =>
      reading(digest, (file) => {
        const { size } = file.statSync();
        if (size > maxManifestBytes) {
          throw new FetchFailure(
            "content",
            `The manifest ${digest} has ${size} bytes: at most ${maxManifestBytes}.`,
          );
        }
        return readRange(file, { offset: 0, length: size }, path(digest));
      }),
    read: (digest, range) => reading(digest, (file) => readRange(file, range, path(digest))),
  };
}

function readRange(file: Deno.FsFile, { offset, length }: Range, path: string): Uint8Array {
  const { size } = file.statSync();
  if (offset + length > size) {
    const words = `it has ${size} bytes, ${offset + length} are needed`;
    throw new FetchFailure(
      "digest",
      `Cannot read "${path}": ${words}. The layout is not whole: copy it again.`,
    );
  }
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let got = 0; got < length;) {
    const count = file.readSync(bytes.subarray(got));
    if (count === null) throw new FetchFailure("digest", `Cannot read "${path}": it was cut meanwhile.`);
    got += count;
  }
  return bytes;
}

function unreadable(path: string, cause: unknown): FetchFailure {
  return new FetchFailure("repository", `Cannot read "${path}": ${messageOf(cause)}`, { cause });
}
