/**
 * What is left of a tar when the files' content is taken out, so that it can be put together again to the byte
 * (https://github.com/vbatts/tar-split): lines of JSON. containers/storage needs it for partial pulls.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const fileType = 1;
const segmentType = 2;

/** Collects the lines of one tar, in the tar's order. */
export class TarSplit {
  readonly #lines: string[] = [];

  /** Bytes that are no file's content: headers, padding, the end. */
  segment(bytes: Uint8Array): void {
    this.#line({ type: segmentType, payload: base64(bytes) });
  }

  /** An entry's place; `checksum` is its content's CRC-64, or `null` where it has none. */
  entry(name: string, size: number, checksum: Uint8Array | null): void {
    this.#line({
      type: fileType,
      name,
      ...(size > 0 && { size }),
      payload: checksum && base64(checksum),
    });
  }

  /** All lines as bytes. */
  bytes(): Uint8Array {
    return new TextEncoder().encode(this.#lines.join(""));
  }

  #line(fields: Readonly<Record<string, unknown>>): void {
    this.#lines.push(`${JSON.stringify({ ...fields, position: this.#lines.length })}\n`);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
