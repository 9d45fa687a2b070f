/**
 * Which ranges of a blob to ask for.
 *
 * @module
 */
import type { Range } from "../blobs/blob_reader.ts";

/** Most bytes of one request, unless a single frame is longer. Four of them are in memory at once. */
export const maxRangeBytes = 256 << 10;

/** Bytes between two pieces that cost less than a request of their own: the tar's headers are between files. */
const maxGapBytes = 8 << 10;

/** A range, and what of it is wanted. */
export interface WantedRange<T extends Range> extends Range {
  /** In the order of their offsets. */
  readonly pieces: readonly T[];
}

/** Joins pieces of one blob that are near each other into ranges. */
export function coalesce<T extends Range>(pieces: readonly T[]): WantedRange<T>[] {
  const ranges: { offset: number; length: number; pieces: T[] }[] = [];
  for (const piece of [...pieces].sort((a, b) => a.offset - b.offset)) {
    const last = ranges.at(-1);
    const end = piece.offset + piece.length;
    if (
      last && piece.offset - (last.offset + last.length) <= maxGapBytes && end - last.offset <= maxRangeBytes
    ) {
      last.length = Math.max(last.length, end - last.offset);
      last.pieces.push(piece);
    } else ranges.push({ offset: piece.offset, length: piece.length, pieces: [piece] });
  }
  return ranges;
}
