import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { evictionWish, isPaused, parseFailingLimit } from "../../lib/contract/workload.ts";
import { anyText } from "./any_text.ts";

for (const value of ["true", "TRUE", " true ", "yes", "1", "until monday"]) {
  Deno.test(`pause ${JSON.stringify(value)} takes AutoCrane's hand away`, () => {
    equal(isPaused({ "autocrane.io/pause": value }), true);
  });
}

for (const value of ["false", "False", " false ", "", " "]) {
  Deno.test(`pause ${JSON.stringify(value)} pauses nothing`, () => {
    equal(isPaused({ "autocrane.io/pause": value }), false);
  });
}

Deno.test("what carries no pause is not paused", () => {
  equal(isPaused({}), false);
  equal(isPaused({ "autocrane.io/evict": "true" }), false);
});

Deno.test("a pod may ask never or always to be evicted, in any case", () => {
  equal(evictionWish({ "autocrane.io/evict": "never" }), "never");
  equal(evictionWish({ "autocrane.io/evict": "always" }), "always");
  equal(evictionWish({ "autocrane.io/evict": " Never " }), "never");
});

Deno.test("a pod that says nothing about eviction has no wish, one that says anything else an unreadable one", () => {
  equal(evictionWish({}), undefined);
  for (const value of ["", "false", "no", "nevr"]) {
    equal(evictionWish({ "autocrane.io/evict": value }), "unreadable", value);
  }
});

const limits: [string, string | undefined, number, number][] = [
  ["without a failing limit one pod may be down", undefined, 100, 1],
  ["a failing limit is a number of pods", "3", 100, 3],
  ["a failing limit of 0 is never", "0", 100, 0],
  ["a failing limit of 0% is never", "0%", 100, 0],
  ["a failing limit may be a part of the workload", "10%", 40, 4],
  ["a percentage is rounded down", "10%", 39, 3],
  ["a percentage is at least one pod", "10%", 3, 1],
  ["a percentage of no pods is still one", "50%", 0, 1],
  ["100% is all pods", "100%", 7, 7],
  ["white space around a limit does not matter", " 2 ", 10, 2],
];
for (const [promise, value, replicas, pods] of limits) {
  Deno.test(promise, () => deepEqual(parseFailingLimit(value, replicas), { pods }));
}

for (const value of ["", "%", "one", "-1", "1.5", "101%", "10 %", "10%%", "1e3", "99999999"]) {
  Deno.test(`failing-limit ${JSON.stringify(value)} is refused in words, not guessed`, () => {
    const { problem } = parseFailingLimit(value, 10);
    equal(
      problem,
      `failing-limit "${value}" is neither a number of pods nor a percentage up to 100%: expected "1" or "10%"`,
    );
  });
}

Deno.test("a limit that cannot be read is shown cleaned and cut", () => {
  const { problem } = parseFailingLimit(`\u001b[31m${"x".repeat(10_000)}`, 10);
  match(problem!, /^failing-limit "\[31mx+…" is neither/);
});

Deno.test("whatever is written, a limit is a problem or a whole number of pods", () => {
  const value = fc.oneof(anyText(), fc.stringMatching(/^\d{1,9}%?$/));
  fc.assert(fc.property(value, fc.nat(5000), (value, replicas) => {
    const limit = parseFailingLimit(value, replicas);
    ok(
      limit.problem !== undefined
        ? limit.problem.length > 0
        : Number.isInteger(limit.pods) && limit.pods >= 0,
    );
  }));
});

Deno.test("a percentage never lets more pods down than that part of them, but for the one it always lets", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(5000), (percent, replicas) => {
    const limit = parseFailingLimit(`${percent}%`, replicas);
    ok(limit.problem === undefined);
    ok(limit.pods >= 1);
    ok(limit.pods === 1 || limit.pods * 100 <= percent * replicas);
    ok((limit.pods + 1) * 100 > percent * replicas);
  }));
});
