import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { maxAnnotationBytes } from "../../lib/contract/keys.ts";
import { parseAnnotationsFile } from "../../lib/kube/annotations_file.ts";
import { anyText } from "../contract/any_text.ts";
import { goQuote } from "../../lib/embedded/node/go_format.ts";

Deno.test("a file is one key and its quoted value a line", () => {
  const text =
    'kubernetes.io/config.source="api"\nstatus.autocrane.io/disk="info/2026-01-31T12:00:00/a=b \\"c\\""';
  deepEqual(parseAnnotationsFile(text), {
    "kubernetes.io/config.source": "api",
    "status.autocrane.io/disk": 'info/2026-01-31T12:00:00/a=b "c"',
  });
});

Deno.test("an empty file, and empty lines, are no annotations", () => {
  deepEqual(parseAnnotationsFile(""), {});
  deepEqual(parseAnnotationsFile('\na="1"\n\n'), { a: "1" });
});

Deno.test("a value may be empty", () => deepEqual(parseAnnotationsFile('a=""'), { a: "" }));

const escapes: [string, string][] = [
  [String.raw`\a\b\f\n\r\t\v\\\"`, '\x07\b\f\n\r\t\v\\"'],
  [String.raw`\x00\x1b\x7f`, "\x00\x1b\x7f"],
  [String.raw`\u0085\u2028\ufeffx`, "\u0085\u2028\ufeffx"],
  [String.raw`\U000e0001\U0010ffff`, "\u{e0001}\u{10ffff}"],
  [String.raw`a\\nb`, "a\\nb"],
  [String.raw`\\u0041`, "\\u0041"],
  [String.raw`\xff\xc3x`, "\ufffd\ufffdx"],
  ["é😀", "é😀"],
];
for (const [quoted, value] of escapes) {
  Deno.test(`the value "${quoted}" is read as Go wrote it`, () => {
    deepEqual(parseAnnotationsFile(`a="${quoted}"`), { a: value });
  });
}

for (const line of ["a", "a=1", 'a="1', 'a=1"', '="1"', 'a="1" b="2"', 'a="1\\"', 'a="1"2"']) {
  Deno.test(`the line ${line} is refused by its number`, () => {
    throws(() => parseAnnotationsFile(`ok="1"\n${line}`), { name: "SyntaxError", message: /^line 2 / });
  });
}

const key = fc.stringMatching(/^[a-z][a-z0-9.]{0,20}\/[A-Za-z0-9_.-]{1,20}$/);
const wellFormed = anyText(100).map((text) => text.toWellFormed());

Deno.test("whatever Go quotes is read back", () => {
  fc.assert(
    fc.property(fc.dictionary(key, wellFormed, { noNullPrototype: true }), (annotations) => {
      const lines = Object.entries(annotations).map(([name, value]) => `${name}=${goQuote(value)}`);
      deepEqual(parseAnnotationsFile(lines.join("\n")), annotations);
    }),
    { numRuns: 500 },
  );
});

Deno.test("any file is read or refused as a syntax error", () => {
  const line = fc.oneof(anyText(), anyText().map((text) => `a="${text}"`));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        parseAnnotationsFile(lines.join("\n"));
      } catch (error) {
        equal((error as Error).name, "SyntaxError");
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("an annotation as long as there may be is read", () => {
  for (const value of ["x".repeat(maxAnnotationBytes), `"${"x".repeat(maxAnnotationBytes)}`]) {
    equal(parseAnnotationsFile(`a=${goQuote(value)}`).a, value);
  }
  const quotes = '"'.repeat(maxAnnotationBytes);
  equal(parseAnnotationsFile(`a=${goQuote(quotes)}`).a, quotes);
});
