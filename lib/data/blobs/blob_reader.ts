/**
 * Reads parts of one blob.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";

/** A part of a blob, bytes. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are read at once where a part is not read as a whole. */
const pieceBytes = 256 << 10;

/** One open blob. It stays readable when it is deleted meanwhile. */
export class BlobReader implements Disposable {
  /** Bytes of the whole blob. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  readonly #digest: Digest;

  /** Takes over an open file. */
  constructor(file: Deno.FsFile, digest: Digest) {
    this.#file = file;
    this.#digest = digest;
    this.size = file.statSync().size;
  }

  /**
   * Reads a part into memory.
   *
   * @throws Failure where the blob ends before the part does
   */
  read({ offset, length }: Range): Uint8Array {
    this.#check(offset, length);
    const bytes = new Uint8Array(length);
    this.#fill(bytes, offset);
    return bytes;
  }

  /**
   * Reads a part piece by piece. A piece is valid until the next is asked for.
   *
   * @throws Failure where the blob ends before the part does
   */
  *pieces({ offset, length }: Range): Generator<Uint8Array> {
    this.#check(offset, length);
    const buffer = new Uint8Array(Math.min(length, pieceBytes));
    for (let at = 0; at < length; at += buffer.length) {
      const piece = buffer.subarray(0, length - at);
      this.#fill(piece, offset + at);
      yield piece;
    }
  }

  /** Streams a part; the reader is closed when the stream ends or is cancelled. */
  stream({ offset, length }: Range): ReadableStream<Uint8Array> {
    let left = length;
    try {
      this.#check(offset, length);
      this.#file.seekSync(offset, Deno.SeekMode.Start);
    } catch (error) {
      this.#file.close();
      throw error;
    }
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const buffer = new Uint8Array(Math.min(left, pieceBytes));
      const count = left === 0 ? 0 : await this.#file.read(buffer);
      if (count === null) {
        this.#file.close();
        throw this.#tooShort(offset, length);
      }
      left -= count;
      if (count > 0) controller.enqueue(buffer.subarray(0, count));
      if (left === 0) {
        this.#file.close();
        controller.close();
      }
    };
    return new ReadableStream({ pull, cancel: () => this.#file.close() }, { highWaterMark: 0 });
  }

  /** Closes the blob. Not to be called after {@link stream}. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  #fill(bytes: Uint8Array, offset: number): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const count = this.#file.readSync(bytes.subarray(at));
      if (count === null) throw this.#tooShort(offset, bytes.length);
      at += count;
    }
  }

  #check(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.size) throw this.#tooShort(offset, length);
  }

  #tooShort(offset: number, length: number): Failure {
    return new Failure(
      `Cannot read ${length} bytes at ${offset} of blob ${this.#digest}: it has ${this.size}.`,
      exitCode.couldNot,
    );
  }
}
