import { equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { portionOf } from "../../../../lib/embedded/controllers/objects/portion.ts";

Deno.test("a number is itself, whatever the whole", () => equal(portionOf(7, 3, "up"), 7));

Deno.test("a percentage is rounded the way that is asked for", () => {
  equal(portionOf("25%", 3, "up"), 1);
  equal(portionOf("25%", 3, "down"), 0);
  equal(portionOf("50%", 4, "up"), 2);
  equal(portionOf("0%", 9, "up"), 0);
  equal(portionOf("100%", 9, "down"), 9);
});

Deno.test("a percentage of whole pods is exact: no rounding error makes one more or less of it", () => {
  fc.assert(fc.property(fc.nat(100), fc.nat(1000), (percent, hundreds) => {
    equal(portionOf(`${percent}%`, hundreds * 100, "up"), percent * hundreds);
    equal(portionOf(`${percent}%`, hundreds * 100, "down"), percent * hundreds);
  }));
});

Deno.test("a text that is no percentage is refused by name", () => {
  throws(() => portionOf("some", 3, "up"), /"some" is no percentage/);
});
