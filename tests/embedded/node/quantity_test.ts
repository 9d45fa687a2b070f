import { equal, throws } from "node:assert/strict";
import { parseQuantity } from "../../../lib/embedded/node/quantity.ts";

Deno.test("quantities are numbers in one unit", () => {
  const examples: Record<string, number> = {
    "1": 1,
    "1.5": 1.5,
    "500m": 0.5,
    "64Mi": 64 * 2 ** 20,
    "2G": 2e9,
    "1e3": 1000,
    ".5": 0.5,
    "1E": 1e18,
  };
  for (const [text, amount] of Object.entries(examples)) equal(parseQuantity(text), amount);
});

Deno.test("what is no quantity is refused", () => {
  for (const text of ["", "x", "1x", "1 Gi", "1e"]) throws(() => parseQuantity(text), SyntaxError);
});
