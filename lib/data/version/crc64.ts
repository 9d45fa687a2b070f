/**
 * CRC-64 with ISO 3309's polynomial, as tar-split wants it of each file.
 *
 * @module
 */

/**
 * The upper halves of the table. The polynomial has its bits at the top, so that eight shifts leave the lower
 * halves zero.
 */
const upper = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = BigInt(index);
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0xd800000000000000n : 0n);
  return Number(crc >> 32n);
});

/** A checksum of bytes that come in parts. */
export class Crc64 {
  #high = 0xffffffff;
  #low = 0xffffffff;

  /** Takes the next bytes. */
  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) {
      const index = (low ^ bytes[i]!) & 0xff;
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) ^ upper[index]!;
    }
    this.#high = high;
    this.#low = low;
  }

  /** The checksum of all bytes so far: eight bytes, the most significant first. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, ~this.#high >>> 0);
    view.setUint32(4, ~this.#low >>> 0);
    return bytes;
  }
}
