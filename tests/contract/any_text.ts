/**
 * Text as a hostile pod could write it, for properties that must hold whatever is written.
 *
 * @module
 */
import fc from "fast-check";

/** What a terminal, a log or a parser may stumble over. */
const awkward = ["\n", "\r", "\t", " ", "\u0000", "\u001b", "\u007f", "\u009b", "\u202e", "\u2028", "\ufeff"];

const unit = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)) },
  { weight: 2, arbitrary: fc.constantFrom(...awkward, "é", "…", "😀") },
  // Every code point, halves of surrogate pairs among them.
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)) },
  { weight: 1, arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)) },
);

/** Any text of up to `maxLength` characters, empty ones included. */
export function anyText(maxLength: number = 60): fc.Arbitrary<string> {
  return fc.string({ unit, maxLength });
}
