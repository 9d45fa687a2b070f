/**
 * zstd frames (RFC 8878) as layers are made of.
 *
 * @module
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** The compression level of everything that is packed. */
const level = 3;

/** Compresses into one frame, which tells the size of its content. */
export function compressFrame(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(
    bytes,
    {
      params: { [constants.ZSTD_c_compressionLevel]: level },
      pledgedSrcSize: bytes.length,
    } as Parameters<typeof zstdCompressSync>[1],
  );
}

/**
 * Decompresses one frame, which gives just `size` bytes.
 *
 * @returns `undefined` where the frame is cut, altered or gives another number of bytes: the runtime's own call
 * returns what it has of a frame that is cut
 */
export function decompressFrame(frame: Uint8Array, size: number): Uint8Array | undefined {
  try {
    const bytes = zstdDecompressSync(frame, { maxOutputLength: Math.max(1, size) });
    return bytes.length === size ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of a skippable frame before its content. */
export const skippableHeaderBytes = 8;

/** A frame whose content decompressors pass over. */
export function skippableFrame(content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(skippableHeaderBytes + content.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0x184d2a50, true);
  view.setUint32(4, content.length, true);
  frame.set(content, skippableHeaderBytes);
  return frame;
}

/**
 * A tar's end, 1,024 zero bytes, as one frame. It is written by hand (a single segment, one block that repeats a
 * byte), so that its length is known for layers of every release of zstd.
 */
export const endOfArchiveFrame = new Uint8Array([
  ...[0x28, 0xb5, 0x2f, 0xfd], // magic number
  ...[0x60, 0x00, 0x03], // single segment; content size 1,024, less 256
  ...[0x03, 0x20, 0x00, 0x00], // last block, repeated byte, 1,024 times; the byte
]);
