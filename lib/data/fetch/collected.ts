/**
 * What has come of an answer so far, over several answers where connections were cut.
 *
 * @module
 */
import type { Range } from "../blobs/blob_reader.ts";
import { maxManifestBytes } from "../version/limits.ts";
import { FetchFailure } from "./blob_source.ts";

/** Bytes that are being collected. */
export interface Collected {
  /** Bytes so far. */
  readonly size: number;
  /** Whether all is there, where that is known from the beginning. */
  readonly full: boolean;
  /** The header `range` that asks for what is missing. */
  range(): string | undefined;
  /**
   * Takes an answer to that.
   *
   * @param name the question's URL, to be shown
   * @returns what takes its bytes, and tells whether more of them are wanted
   * @throws FetchFailure where it answers something else
   */
  taker(answer: Response, name: string): (bytes: Uint8Array) => boolean;
  bytes(): Uint8Array;
}

/** A part of a blob. Who answers with the whole blob instead is read up to the part's end. */
export class CollectedPart implements Collected {
  size = 0;
  readonly #wanted: Range;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(wanted: Range) {
    this.#wanted = wanted;
    this.#bytes = new Uint8Array(wanted.length);
  }

  get full(): boolean {
    return this.size === this.#wanted.length;
  }

  range(): string {
    return `bytes=${this.#from}-${this.#end - 1}`;
  }

  taker(answer: Response, name: string): (bytes: Uint8Array) => boolean {
    let skip = answer.status === 206 ? this.#checkRange(answer, name) : this.#checkLength(answer, name);
    return (bytes) => {
      const useful = bytes.subarray(Math.min(skip, bytes.length));
      skip -= bytes.length - useful.length;
      const taken = useful.subarray(0, this.#wanted.length - this.size);
      this.#bytes.set(taken, this.size);
      this.size += taken.length;
      return !this.full;
    };
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }

  get #from(): number {
    return this.#wanted.offset + this.size;
  }

  get #end(): number {
    return this.#wanted.offset + this.#wanted.length;
  }

  #checkRange(answer: Response, name: string): number {
    const given = answer.headers.get("content-range") ?? "";
    const match = /^bytes (\d+)-(\d+)\/(?:\d+|\*)$/.exec(given);
    if (match && Number(match[1]) === this.#from && Number(match[2]) === this.#end - 1) return 0;
    throw new FetchFailure("repository", `${name} answered with another range than ${this.range()}.`);
  }

  #checkLength(answer: Response, name: string): number {
    const length = answer.headers.get("content-length");
    if (length === null || Number(length) >= this.#end) return this.#from;
    throw new FetchFailure("repository", `${name} has ${Number(length)} bytes, ${this.#end} are needed.`);
  }
}

/** A manifest: its size is not known before. */
export class CollectedManifest implements Collected {
  readonly full = true;
  #parts: Uint8Array[] = [];

  get size(): number {
    return this.#parts.reduce((sum, { length }) => sum + length, 0);
  }

  range(): undefined {
    return undefined;
  }

  taker(answer: Response, name: string): (bytes: Uint8Array) => boolean {
    this.#parts = [];
    let size = 0;
    const check = (bytes: number) => {
      if (bytes <= maxManifestBytes) return;
      throw new FetchFailure("content", `The manifest ${name} has more than ${maxManifestBytes} bytes.`);
    };
    check(Number(answer.headers.get("content-length") ?? 0));
    return (bytes) => {
      check(size += bytes.length);
      this.#parts.push(bytes);
      return true;
    };
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
