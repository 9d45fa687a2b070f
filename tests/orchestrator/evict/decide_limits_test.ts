import { deepEqual, equal, match } from "node:assert/strict";
import { decide } from "../../../lib/orchestrator/evict/decide.ts";
import type { Memory } from "../../../lib/orchestrator/evict/model.ts";
import { Pace } from "../../../lib/orchestrator/evict/pacing.ts";
import type { Workload } from "../../../lib/orchestrator/workload.ts";
import {
  eviction,
  failingPod,
  limits,
  memory,
  minute,
  model,
  observed,
  podUid,
  workload,
  type WorkloadChanges,
} from "../build.ts";

const now = model([]).ticks;

/** Decides about so many failing pods of one workload, named `web-0`, `web-1`, ... */
function decideAbout(pods: number, of: Workload, past: Memory = memory()) {
  const failing = Array.from({ length: pods }, (_, n) => observed(failingPod({ name: `web-${n}` }), of));
  return decide(model(failing), past, limits);
}

/** The names of those that are evicted, in their order. */
function evicted(...args: Parameters<typeof decideAbout>): string[] {
  return decideAbout(...args).filter(({ do: did }) => did === "evict").map(({ pod }) => pod.name);
}

/** The rules that hold pods back, each once. */
function holds(...args: Parameters<typeof decideAbout>): string[] {
  const held = decideAbout(...args).filter(({ do: did }) => did === "hold");
  return [...new Set(held.map(({ why }) => why.rule))];
}

/** How many of twenty failing pods are evicted at once under this limit. */
function atOnce(failingLimit: string | undefined, changes: WorkloadChanges = {}): number {
  return evicted(20, workload({ failingLimit, desired: 20, ...changes })).length;
}

/** A pace that has evicted these pods just now. */
function paceOf(...uids: string[]): Pace {
  const pace = new Pace();
  for (const uid of uids) pace.evicted(eviction(uid, now - minute));
  return pace;
}

/** A pace whose last eviction, a minute ago, did not help, nor did those before it. */
function fruitless(times: number): Pace {
  const pace = new Pace();
  for (let index = 0; index < times; index++) {
    const at = now - (times - index) * minute;
    pace.evicted(eviction(`gone-${index}`, at, index));
    const uid = podUid(`next-${index}`);
    const replacement = { uid, sight: index + 1, ready: true, failing: true, terminating: false };
    pace.observe([replacement], true, at, limits.pace);
  }
  return pace;
}

Deno.test("a workload without a limit loses one pod at a time", () => {
  equal(atOnce(undefined), 1);
});

Deno.test("a limit that is a number is so many pods", () => {
  equal(atOnce("3"), 3);
  equal(atOnce(" 1 "), 1);
});

Deno.test("a limit that is a percentage is rounded down, and at least one pod", () => {
  equal(atOnce("19%"), 3);
  equal(atOnce("1%"), 1);
  equal(atOnce("100%"), 20);
});

Deno.test("a limit of 0 is never, as a number and as a percentage", () => {
  for (const failingLimit of ["0", "0%"]) {
    equal(atOnce(failingLimit), 0);
    deepEqual(holds(1, workload({ failingLimit })), ["limit-zero"]);
  }
  match(
    decideAbout(1, workload({ failingLimit: "0" }))[0]!.why.words,
    /the failing limit of Deployment web is 0/,
  );
});

Deno.test("a limit that cannot be read leaves one at a time in force and is said where it holds back", () => {
  for (const failingLimit of ["many", "-1", "101%", "1.5", ""]) {
    equal(atOnce(failingLimit), 1, failingLimit);
    const held = decideAbout(2, workload({ failingLimit }))[1]!;
    match(held.why.words, /is neither a number of pods nor a percentage/);
  }
});

Deno.test("StatefulSets and DaemonSets lose one pod at a time, whatever their limit says", () => {
  for (const kind of ["StatefulSet", "DaemonSet"]) {
    equal(atOnce("5", { kind }), 1);
    equal(atOnce("100%", { kind }), 1);
    equal(atOnce("0", { kind }), 0);
  }
});

Deno.test("pods that are being replaced count towards the limit", () => {
  const of = workload({ failingLimit: "3" });
  const past = memory({ paces: { [of.uid]: paceOf("x", "y") } });
  equal(evicted(5, of, past).length, 1);
});

Deno.test("a workload whose limit is reached is busy, and says how many pods are being replaced", () => {
  const of = workload();
  const past = memory({ paces: { [of.uid]: paceOf("x") } });
  const decisions = decideAbout(1, of, past);
  deepEqual(decisions.map(({ why }) => why), [{
    rule: "workload-busy",
    words: "1 pod is being replaced, the limit of Deployment web is 1",
  }]);
});

Deno.test("pods that wait for others of their workload are not told that any are being replaced", () => {
  deepEqual(holds(5, workload()), ["in-turn"]);
  match(decideAbout(2, workload())[1]!.why.words, /^other pods of Deployment web go first, 1 at a time$/);
});

Deno.test("each workload has a limit of its own", () => {
  const pods = ["web", "api", "cart"].flatMap((name) =>
    [1, 2].map((n) => observed(failingPod({ name: `${name}-${n}` }), workload({ name })))
  );
  // More than all of them never fail, so nothing is a storm.
  const decisions = decide(model(pods), memory(), { ...limits, stormPercent: 100 });
  deepEqual(
    decisions.filter(({ do: did }) => did === "evict").map(({ pod }) => pod.name).sort(),
    ["api-1", "cart-1", "web-1"],
  );
});

Deno.test("pods without a workload wait for nobody", () => {
  const alone = ["a", "b"].map((name) =>
    observed(failingPod({ name, controller: undefined, wish: "always" }), undefined)
  ).map((one) => ({ ...one, workload: undefined }));
  deepEqual(decide(model(alone), memory(), limits).map(({ do: did }) => did), ["evict", "evict"]);
});

Deno.test("a workload whose last eviction did not help waits, and says for how long", () => {
  const of = workload();
  const past = memory({ paces: { [of.uid]: fruitless(1) } });
  deepEqual(decideAbout(1, of, past).map(({ why }) => why), [{
    rule: "backing-off",
    words: "the last eviction of Deployment web did not help; waiting 7 min more",
  }]);
});

Deno.test("several evictions that did not help are counted in the words", () => {
  const of = workload({ failingLimit: "5" });
  const past = memory({ paces: { [of.uid]: fruitless(3) } });
  match(
    decideAbout(1, of, past)[0]!.why.words,
    /^the last 3 evictions of Deployment web did not help; waiting 31 min/,
  );
});

Deno.test("the wait is over at its very end, and not before", () => {
  const of = workload();
  const pace = fruitless(1);
  const past = memory({ paces: { [of.uid]: pace } });
  const end = pace.waitsUntil(limits.pace);
  const at = (ticks: number) =>
    decide(model([observed(failingPod(), of)], { ticks }), past, limits)[0]!.why.rule;
  equal(at(end - 1), "backing-off");
  equal(at(end), "watchdogs-failed");
});

Deno.test("a wait shorter than a minute is told in seconds", () => {
  const of = workload();
  const pace = fruitless(1);
  const ticks = pace.waitsUntil(limits.pace) - 1500;
  const past = memory({ paces: { [of.uid]: pace } });
  match(
    decide(model([observed(failingPod(), of)], { ticks }), past, limits)[0]!.why.words,
    /waiting 2 s more/,
  );
});

Deno.test("of a workload's pods the one that failed longest goes first", () => {
  const past = memory({ strikes: { "web-0-uid": 4, "web-1-uid": 9, "web-2-uid": 5 } });
  deepEqual(evicted(3, workload({ failingLimit: "3" }), past), ["web-1", "web-2", "web-0"]);
});

Deno.test("a pod whose eviction was refused lets the others go first", () => {
  const past = memory({ strikes: { "web-0-uid": 9, "web-1-uid": 4 }, refusals: { "web-0-uid": 1 } });
  deepEqual(evicted(2, workload(), past), ["web-1"]);
});

Deno.test("of several refused pods the one refused longest ago goes first", () => {
  const refusals = { "web-0-uid": 30, "web-1-uid": 10, "web-2-uid": 20 };
  deepEqual(evicted(3, workload({ failingLimit: "3" }), memory({ refusals })), ["web-1", "web-2", "web-0"]);
});
