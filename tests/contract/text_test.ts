import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { byteLength, cleanText, cutToBytes, quote } from "../../lib/contract/text.ts";
import { fitToShow, unfitToShow } from "../support/unfit.ts";
import { anyText } from "./any_text.ts";

const hostile = anyText(200);
const size = fc.integer({ min: 0, max: 120 });

const utf8 = (text: string) => new TextEncoder().encode(text).length;

Deno.test("a clean text never takes more bytes than were allowed", () => {
  fc.assert(fc.property(hostile, size, (text, max) => ok(utf8(cleanText(text, max)) <= max)));
});

Deno.test("a clean text holds no control, line-separating or direction-changing character", () => {
  fc.assert(fc.property(hostile, size, (text, max) => {
    const cleaned = cleanText(text, max);
    equal(
      /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\ufeff]/u.exec(cleaned),
      null,
      JSON.stringify(cleaned),
    );
  }));
});

Deno.test("a clean text is well-formed Unicode even where a character was cut in two", () => {
  fc.assert(fc.property(hostile, size, (text, max) => ok(cleanText(text, max).isWellFormed())));
});

Deno.test("cleaning a clean text changes nothing", () => {
  fc.assert(fc.property(hostile, size, (text, max) => {
    const once = cleanText(text, max);
    equal(cleanText(once, max), once);
  }));
});

Deno.test("a clean text is one line without white space at its ends or doubled within", () => {
  fc.assert(fc.property(hostile, size, (text, max) => {
    const cleaned = cleanText(text, max);
    equal(cleaned, cleaned.trim().split(/\s+/).join(" "));
  }));
});

Deno.test("plain words that fit are left as they are", () => {
  equal(cleanText("disk /data is full (97 %) – größer 😀", 100), "disk /data is full (97 %) – größer 😀");
});

Deno.test("a message cannot forge a second line or steer a terminal", () => {
  equal(cleanText("ok\r\nerror/2026-01-31T12:34:56/forged", 100), "ok error/2026-01-31T12:34:56/forged");
  equal(cleanText("\u001b[2Jgone\u009b31m\u007f", 100), "[2Jgone 31m");
  equal(cleanText("evil\u202etxt.exe\u2066\u200f", 100), "evil txt.exe");
  equal(cleanText("a\u2028b\u2029c\u0085d", 100), "a b c d");
  equal(cleanText("zero\u200bwidth\ufeff", 100), "zero width");
});

for (const [what, first, last] of unfitToShow) {
  Deno.test(`a clean text holds none of those: ${what}`, () => {
    for (let code = first; code <= last; code++) {
      equal(cleanText(`a${String.fromCodePoint(code)}b`, 100), "a b", code.toString(16));
    }
  });
}

Deno.test("characters that people read stay", () => equal(cleanText(fitToShow, 200), fitToShow));

Deno.test("runs of white space of any kind become one space", () => {
  equal(cleanText("  a \t\n\u00a0\u3000 b  ", 100), "a b");
});

Deno.test("nothing but unfit characters cleans to nothing", () => {
  equal(cleanText("\n\u0000\u001b \u202e", 100), "");
  equal(cleanText("", 100), "");
});

Deno.test("halves of surrogate pairs go, whole ones stay", () => {
  equal(cleanText("a\ud83db😀\ude00", 100), "a b😀");
});

Deno.test("a text that is too long ends in an ellipsis, at a character's end", () => {
  equal(cleanText("x".repeat(11), 10), "xxxxxxx…");
  equal(cleanText("x".repeat(10), 10), "xxxxxxxxxx");
  equal(cleanText("ééééé", 9), "ééé…");
  equal(cleanText("😀😀😀", 10), "😀…");
});

Deno.test("a cut leaves no space before the ellipsis", () => {
  equal(cutToBytes("four words are here", 14), "four words…");
});

Deno.test("where not even the ellipsis fits beside a character nothing is left", () => {
  equal(cutToBytes("abcd", 3), "");
  equal(cutToBytes("abcde", 4), "a…");
  equal(cutToBytes("abc", 3), "abc");
  equal(cutToBytes("abc", 0), "");
});

Deno.test("what stands too far behind to matter is not even looked at", () => {
  equal(cleanText(" ".repeat(4 * 256) + "x", 256), "");
  equal(cleanText(" ".repeat(4 * 256 - 1) + "x", 256), "x");
});

Deno.test("the bytes of a text are counted as UTF-8 counts them", () => {
  fc.assert(fc.property(anyText(), (text) => equal(byteLength(text), utf8(text))));
  equal(byteLength("abc"), 3);
  equal(byteLength("é"), 2);
  equal(byteLength("…"), 3);
  equal(byteLength("😀"), 4);
});

Deno.test("quoted text is read back as it was, and holds nothing that steers a terminal", () => {
  fc.assert(fc.property(anyText(), (text) => {
    const quoted = quote(text);
    equal(JSON.parse(quoted), text);
    equal(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(quoted), false);
  }));
});
