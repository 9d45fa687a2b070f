import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { type Seen, Strikes } from "../../../lib/orchestrator/evict/strikes.ts";
import { minute, noon, podUid, workloadUid } from "../build.ts";

const [a, b] = [podUid("a"), podUid("b")];

/** The strikes of one pod after these scans, one a minute. */
function strikesAfter(...scans: Seen[]) {
  const strikes = new Strikes();
  scans.forEach((seen, scan) => strikes.count([[a, seen]], noon + scan * minute));
  return strikes.of(a);
}

Deno.test("a pod that nobody has seen has no strikes", () => {
  equal(new Strikes().of(a), undefined);
});

Deno.test("a workload's uid in a pod's place does not compile", () => {
  // @ts-expect-error strikes go by pod
  equal(new Strikes().of(workloadUid("a")), undefined);
});

Deno.test("each scan in which a pod fails is one strike", () => {
  equal(strikesAfter("failing", "failing", "failing")?.scans, 3);
});

Deno.test("strikes tell when the first of their scans was", () => {
  equal(strikesAfter("clear", "failing", "failing")?.since, noon + minute);
});

Deno.test("one clear scan takes all strikes away", () => {
  equal(strikesAfter("failing", "failing", "clear"), undefined);
});

Deno.test("after a clear scan strikes begin at one, with a time of their own", () => {
  deepEqual(strikesAfter("failing", "clear", "failing"), { scans: 1, since: noon + 2 * minute });
});

Deno.test("a scan that could not tell leaves the strikes as they are", () => {
  deepEqual(strikesAfter("failing", "failing", "unknown"), { scans: 2, since: noon });
});

Deno.test("strikes go on after scans that could not tell", () => {
  equal(strikesAfter("failing", "unknown", "unknown", "failing")?.scans, 2);
});

Deno.test("a scan that could not tell is no strike", () => {
  equal(strikesAfter("unknown"), undefined);
});

Deno.test("a pod that failed under one uid passes no strikes to its successor", () => {
  const strikes = new Strikes();
  const [first, second] = [podUid("web-0, first"), podUid("web-0, second")];
  strikes.count([[first, "failing"]], noon);
  strikes.count([[second, "failing"]], noon + minute);
  equal(strikes.of(second)?.scans, 1);
  equal(strikes.of(first), undefined);
});

Deno.test("a pod that was gone for a scan comes back without strikes", () => {
  const strikes = new Strikes();
  strikes.count([[a, "failing"]], noon);
  strikes.count([], noon + minute);
  strikes.count([[a, "failing"]], noon + 2 * minute);
  equal(strikes.of(a)?.scans, 1);
});

Deno.test("one pod's strikes are nobody else's", () => {
  const strikes = new Strikes();
  strikes.count([[a, "failing"], [b, "clear"]], noon);
  strikes.count([[a, "failing"], [b, "failing"]], noon + minute);
  deepEqual([strikes.of(a)?.scans, strikes.of(b)?.scans], [2, 1]);
});

Deno.test("strikes are the failing scans since the last clear one, whatever came in between", () => {
  const history = fc.array(fc.constantFrom<Seen>("failing", "clear", "unknown"), { maxLength: 40 });
  fc.assert(fc.property(history, (scans) => {
    const since = scans.slice(scans.lastIndexOf("clear") + 1);
    equal(strikesAfter(...scans)?.scans ?? 0, since.filter((seen) => seen === "failing").length);
  }));
});
