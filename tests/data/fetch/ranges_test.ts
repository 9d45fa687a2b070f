import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { coalesce, maxRangeBytes } from "../../../lib/data/fetch/ranges.ts";

const piece = (offset: number, length: number) => ({ offset, length });

Deno.test("pieces near each other are one range, others are not", () => {
  const ranges = coalesce([piece(9000, 100), piece(0, 100), piece(200, 100), piece(100_000, 10)]);
  deepEqual(ranges.map(({ offset, length, pieces }) => [offset, length, pieces.length]), [
    [0, 300, 2],
    [9000, 100, 1],
    [100_000, 10, 1],
  ]);
});

Deno.test("a range is at most 256 KB, but for a piece that is longer itself", () => {
  const ranges = coalesce([piece(0, 200_000), piece(200_000, 100_000), piece(300_000, 1_000_000)]);
  deepEqual(ranges.map(({ length }) => length), [200_000, 100_000, 1_000_000]);
});

Deno.test("every piece is in one range, and ranges do not overlap", () => {
  const lengths = fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 300_000 })), { maxLength: 50 });
  fc.assert(fc.property(lengths, (gaps) => {
    let at = 0;
    const pieces = gaps.map(([gap, length]) => {
      const one = piece(at + gap, length);
      at = one.offset + length;
      return one;
    });
    const ranges = coalesce([...pieces].reverse());
    deepEqual(ranges.flatMap(({ pieces }) => pieces), pieces);
    for (const [index, { offset, length, pieces }] of ranges.entries()) {
      ok(pieces.length === 1 || length <= maxRangeBytes);
      ok(pieces.every((one) => one.offset >= offset && one.offset + one.length <= offset + length));
      ok(index === 0 || offset >= ranges[index - 1]!.offset + ranges[index - 1]!.length);
    }
  }));
});
