import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { formatTime, parseTime } from "../../lib/contract/time.ts";
import { anyText } from "./any_text.ts";

/** Whole seconds from 1970 to the end of 9999: what an annotation's time can say. */
const instant = fc.integer({ min: 0, max: 253_402_300_799 }).map((seconds) => seconds * 1000);

Deno.test("a time is written as UTC to the second, without a zone", () => {
  equal(formatTime(Date.UTC(2026, 0, 31, 12, 34, 56)), "2026-01-31T12:34:56");
  equal(formatTime(Date.UTC(2026, 0, 31, 12, 34, 56, 999)), "2026-01-31T12:34:56");
});

Deno.test("a time without a zone is read as UTC", () => {
  equal(parseTime("2026-01-31T12:34:56"), Date.UTC(2026, 0, 31, 12, 34, 56));
});

Deno.test("a written time reads back as itself", () => {
  fc.assert(fc.property(instant, (at) => equal(parseTime(formatTime(at)), at)));
});

Deno.test("times that others write in RFC 3339 are read with their zone", () => {
  const noon = Date.UTC(2026, 0, 31, 12, 0, 0);
  equal(parseTime("2026-01-31T12:00:00Z"), noon);
  equal(parseTime("2026-01-31t12:00:00z"), noon);
  equal(parseTime("2026-01-31 12:00:00Z"), noon);
  equal(parseTime("2026-01-31T14:00:00+02:00"), noon);
  equal(parseTime("2026-01-31T06:30:00-05:30"), noon);
});

Deno.test("fractions of a second are dropped", () => {
  equal(parseTime("2026-01-31T12:00:00.9999999Z"), Date.UTC(2026, 0, 31, 12, 0, 0));
  equal(parseTime("2026-01-31T12:00:00.5"), Date.UTC(2026, 0, 31, 12, 0, 0));
});

for (
  const text of [
    "",
    "now",
    "2026-01-31",
    "12:34:56",
    "2026-1-31T12:34:56",
    "2026-13-01T00:00:00",
    "2026-01-32T00:00:00",
    "2026-02-30T00:00:00",
    "2025-02-29T00:00:00",
    "2026-01-31T24:00:00",
    "2026-01-31T12:60:00",
    "2026-01-31T12:34:61",
    "2026-01-31T12:34:56+25:00",
    "2026-01-31T12:34:56 UTC",
    " 2026-01-31T12:34:56",
    "2026-01-31T12:34:56\n",
    "1769862896",
    "٢٠٢٦-01-31T12:34:56",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is no time`, () => equal(parseTime(text), undefined));
}

Deno.test("the 29th of February is a time in a leap year", () => {
  equal(parseTime("2028-02-29T00:00:00"), Date.UTC(2028, 1, 29));
});

Deno.test("no text makes reading a time throw", () => {
  fc.assert(fc.property(anyText(), (text) => void parseTime(text)));
});

Deno.test("what looks like a time gives an instant with whole seconds or none at all", () => {
  const looksLike = fc.stringMatching(
    /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/,
  );
  fc.assert(fc.property(looksLike, (text) => {
    const at = parseTime(text);
    if (at !== undefined) ok(Number.isInteger(at / 1000));
  }));
});
