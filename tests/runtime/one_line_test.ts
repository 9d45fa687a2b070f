import { equal } from "node:assert/strict";
import { oneLine } from "../../lib/runtime/one_line.ts";

Deno.test("what others wrote becomes one line that steers no terminal", () => {
  equal(oneLine("  a\r\n\tb\u001b]0;title\u0007 c\u2028d\u202ee\u009b2J ", 100), "a b ]0;title c d e 2J");
  equal(oneLine("zażółć 🏗", 100), "zażółć 🏗");
});

Deno.test("a long text is cut at a whole character and says so", () => {
  equal(oneLine("abcdef", 6), "abcdef");
  equal(oneLine("abcdefg", 6), "abcde…");
  equal(oneLine("abcd🏗efg", 6), "abcd…");
  equal(oneLine("x".repeat(100_000), 1000).length, 1000);
});
