/**
 * Writes one blob under a temporary name and publishes it under its digest.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Digest } from "../../contract/ids.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import { publish } from "../publish.ts";

/** Bytes that are gathered before they are written: most frames are small. */
const bufferBytes = 256 << 10;

/** A blob that is being written. It ends with {@link commit} or {@link abort}. */
export class BlobWriter {
  readonly #temporary: string;
  readonly #placeOf: (digest: Digest) => string;
  readonly #file: Deno.FsFile;
  readonly #hash = createHash("sha256");
  readonly #buffer = new Uint8Array(bufferBytes);
  #buffered = 0;
  #size = 0;
  #open = true;

  /** Begins a blob in the folder `temporary`, to be put where `placeOf` says. */
  constructor(temporary: string, placeOf: (digest: Digest) => string) {
    this.#temporary = `${temporary}/${crypto.randomUUID()}`;
    this.#placeOf = placeOf;
    this.#file = Deno.openSync(this.#temporary, { write: true, createNew: true, mode: 0o644 });
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes. */
  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    if (this.#buffered + bytes.length > bufferBytes) this.#flush();
    if (bytes.length > bufferBytes) return writeAll(this.#file, bytes);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  /**
   * Puts the blob in its place, whole and on the disk.
   *
   * @param expected its digest, where it is known: anything else is refused and nothing is kept
   */
  async commit(expected?: Digest): Promise<{ readonly digest: Digest; readonly size: number }> {
    const digest = `sha256:${this.#hash.digest("hex")}` as Digest;
    try {
      if (expected !== undefined && digest !== expected) {
        throw new Failure(`Cannot store blob ${expected}: what came is ${digest}.`, exitCode.couldNot);
      }
      this.#flush();
      await this.#file.sync();
      await publish(this.#temporary, this.#placeOf(digest));
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#end();
    return { digest, size: this.#size };
  }

  /** Gives the blob up: nothing is left of it. Does nothing after {@link commit}. */
  abort(): void {
    if (!this.#open) return;
    this.#end();
    try {
      Deno.removeSync(this.#temporary);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #flush(): void {
    writeAll(this.#file, this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #end(): void {
    this.#open = false;
    this.#file.close();
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
