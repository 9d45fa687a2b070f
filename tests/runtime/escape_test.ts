import { equal } from "node:assert/strict";
import fc from "fast-check";
import { escaped } from "../../lib/runtime/escape.ts";
import { anyText } from "../contract/any_text.ts";
import { fitToShow, unfitToShow } from "../support/unfit.ts";

Deno.test("what a terminal would act on is written as JSON would escape it, the rest stays", () => {
  equal(escaped("a\n\t\u001b[31mb\u009b2J\u202ec"), "a\\n\\t\\u001b[31mb\\u009b2J\\u202ec");
  equal(escaped('größer 😀 "x" \\'), 'größer 😀 "x" \\');
});

for (const [what, first, last] of unfitToShow) {
  Deno.test(`no character of those is left: ${what}`, () => {
    for (let code = first; code <= last; code++) {
      equal(/^(?:\\n|\\r|\\t|(?:\\u[0-9a-f]{4})+)$/.test(escaped(String.fromCodePoint(code))), true);
    }
  });
}

Deno.test("characters that people read stay", () => equal(escaped(fitToShow), fitToShow));

Deno.test("whatever the text, what it becomes can be read back within quotes", () => {
  fc.assert(fc.property(anyText(), (text) => equal(JSON.parse(escaped(JSON.stringify(text))), text)));
});
