import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { Backoff, type BackoffOptions } from "../../lib/runtime/backoff.ts";

/** The next `count` waits. */
function waits(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.next());
}

const steady: BackoffOptions = { initial: 100, max: 1000, jitter: 0 };

Deno.test("each wait is twice the one before, up to the longest", () => {
  deepEqual(waits(new Backoff(steady), 6), [100, 200, 400, 800, 1000, 1000]);
});

Deno.test("a success makes the next wait the first one again", () => {
  const backoff = new Backoff(steady);
  waits(backoff, 4);
  backoff.reset();
  deepEqual(waits(backoff, 2), [100, 200]);
});

Deno.test("the factor decides how fast waits grow", () => {
  deepEqual(waits(new Backoff({ ...steady, factor: 1 }), 3), [100, 100, 100]);
  deepEqual(waits(new Backoff({ ...steady, factor: 3 }), 3), [100, 300, 900]);
});

Deno.test("by default a wait is between half of it and all of it", () => {
  deepEqual(waits(new Backoff({ initial: 100, max: 1000, random: () => 0 }), 2), [100, 200]);
  deepEqual(waits(new Backoff({ initial: 100, max: 1000, random: () => 0.5 }), 2), [75, 150]);
});

Deno.test("a first wait that is longer than the longest is cut to it", () => {
  deepEqual(waits(new Backoff({ ...steady, initial: 5000 }), 1), [1000]);
});

Deno.test("however often it failed, a wait stays within its bounds", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 3000 }), random, (failures, random) => {
    const all = waits(new Backoff({ initial: 100, max: 1000, random: () => random }), failures);
    ok(all.every((wait) => wait > 50 - 1e-9 && wait <= 1000));
    ok(all.at(-1)! >= 50);
  }));
});
