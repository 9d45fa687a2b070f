import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { goQuote, goSeconds } from "../../../lib/embedded/node/go_format.ts";
import { formatMap } from "../../../lib/embedded/node/field_ref.ts";
import { parseAnnotationsFile } from "../../../lib/kube/annotations_file.ts";

Deno.test("text is quoted as Go quotes it", () => {
  const examples: Record<string, string> = {
    'a "word"': String.raw`"a \"word\""`,
    "two\nlines\ttab\r": String.raw`"two\nlines\ttab\r"`,
    "back\\slash": String.raw`"back\\slash"`,
    "\x00\x1b\x7f": String.raw`"\x00\x1b\x7f"`,
    "é ü 漢 😀": '"é ü 漢 😀"',
    "\u00a0\u200b\u2028\ufeff": String.raw`"\u00a0\u200b\u2028\ufeff"`,
    "\u{e0001}": String.raw`"\U000e0001"`,
    "\ud800": '"\ufffd"',
  };
  for (const [text, quoted] of Object.entries(examples)) equal(goQuote(text), quoted);
});

Deno.test("annotations are lines in order, without a last newline", () => {
  equal(formatMap({ b: "2", a: "1\n", "x/y": "" }), 'a="1\\n"\nb="2"\nx/y=""');
  equal(formatMap(undefined), "");
});

Deno.test("whatever annotations hold, the gate reads the same from the file", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9./-]{0,20}$/);
  fc.assert(fc.property(fc.dictionary(key, fc.string({ unit: "binary" })), (map) => {
    const wellFormed = Object.fromEntries(
      Object.entries(map).map(([name, text]) => [name, text.toWellFormed()]),
    );
    deepEqual({ ...parseAnnotationsFile(formatMap(map)) }, { ...wellFormed });
  }));
});

Deno.test("durations are worded as Go words them", () => {
  deepEqual([0, 10, 60, 80, 300, 3600, 3725].map(goSeconds), [
    "0s",
    "10s",
    "1m0s",
    "1m20s",
    "5m0s",
    "1h0m0s",
    "1h2m5s",
  ]);
});
