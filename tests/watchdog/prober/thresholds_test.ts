import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { extend, levelOf, type Streak } from "../../../lib/watchdog/prober/thresholds.ts";

const thresholds = fc.record({
  failures: fc.integer({ min: 1, max: 10 }),
  successes: fc.integer({ min: 1, max: 10 }),
});

function streakOf(results: readonly boolean[]): Streak | undefined {
  return results.reduce<Streak | undefined>(extend, undefined);
}

Deno.test("with thresholds of 1 every probe decides", () => {
  equal(levelOf(extend(undefined, false), { failures: 1, successes: 1 }), "error");
  equal(levelOf(extend(undefined, true), { failures: 1, successes: 1 }), "info");
});

Deno.test("two failures make no error where three are asked for, and the third does", () => {
  const limits = { failures: 3, successes: 1 };
  equal(levelOf(streakOf([false, false])!, limits), undefined);
  equal(levelOf(streakOf([false, false, false])!, limits), "error");
});

Deno.test("a success between failures makes them count anew", () => {
  deepEqual(streakOf([false, false, true, false]), { ok: false, length: 1 });
});

Deno.test("an error is cleared only by as many successes in a row as are asked for", () => {
  const limits = { failures: 1, successes: 2 };
  equal(levelOf(streakOf([false, true])!, limits), undefined);
  equal(levelOf(streakOf([false, true, false, true])!, limits), undefined);
  equal(levelOf(streakOf([false, true, true])!, limits), "info");
});

Deno.test("a streak is as long as the run of equal results at the end", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }), (results) => {
    const last = results.at(-1)!;
    const run = [...results].reverse().findIndex((result) => result !== last);
    deepEqual(streakOf(results), { ok: last, length: run < 0 ? results.length : run });
  }));
});

Deno.test("a streak that reached its level stays there while it grows", () => {
  fc.assert(fc.property(fc.boolean(), fc.integer({ min: 1, max: 30 }), thresholds, (ok, length, limits) => {
    const level = levelOf({ ok, length }, limits);
    equal(level, length >= (ok ? limits.successes : limits.failures) ? (ok ? "info" : "error") : undefined);
    if (level) equal(levelOf(extend({ ok, length }, ok), limits), level);
  }));
});
