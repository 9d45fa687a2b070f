import { deepEqual, equal, ok } from "node:assert/strict";
import { bitsOfTitle, type Bucket, bucketsOf, layerTitle } from "../../../lib/data/version/bucket.ts";

const paths = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ path: `folder${i % 7}/file${i}` }));
type Buckets = readonly Bucket<{ readonly path: string }>[];
const pathsByBits = (buckets: Buckets) =>
  new Map(buckets.map(({ bits, entries }) => [bits, entries.map(({ path }) => path).sort().join()]));

Deno.test("up to 512 entries are one layer, and an empty tree is one too", () => {
  deepEqual(bucketsOf(paths(512)).map(({ bits }) => bits), [""]);
  deepEqual(bucketsOf([]), [{ bits: "", entries: [] }]);
});

Deno.test("every entry is in just one bucket, and no bucket holds more than 512", () => {
  const buckets = bucketsOf(paths(10_000));
  equal(new Set(buckets.flatMap(({ entries }) => entries)).size, 10_000);
  equal(buckets.reduce((total, { entries }) => total + entries.length, 0), 10_000);
  ok(buckets.every(({ entries }) => entries.length <= 512));
  deepEqual(buckets.map(({ bits }) => bits), buckets.map(({ bits }) => bits).sort());
});

Deno.test("the buckets do not depend on the order of the entries", () => {
  deepEqual(pathsByBits(bucketsOf(paths(3000).reverse())), pathsByBits(bucketsOf(paths(3000))));
});

Deno.test("one entry more changes one bucket, or splits one", () => {
  for (const count of [3000, 5000, 8000]) {
    const before = pathsByBits(bucketsOf(paths(count)));
    const after = pathsByBits(bucketsOf(paths(count + 1)));
    const kept = [...after].filter(([bits, inside]) => before.get(bits) === inside).length;
    ok(before.size - kept <= 1, `${before.size - kept} of ${before.size} changed`);
  }
});

Deno.test("however many entries there are, there are at most 128 layers", () => {
  const buckets = bucketsOf(paths(70_000));
  ok(buckets.length <= 128 && buckets.length > 32, `${buckets.length}`);
  ok(buckets.every(({ entries }) => entries.length <= 1024));
});

Deno.test("a layer's name tells its bucket", () => {
  for (const bits of ["", "0", "0110"]) equal(bitsOfTitle(layerTitle(bits)), bits);
  equal(layerTitle("01"), "layer-01.tar.zst");
  for (const title of ["layer-2.tar.zst", "../layer.tar.zst", "layer-.tar.zst", ""]) {
    equal(bitsOfTitle(title), undefined);
  }
});
