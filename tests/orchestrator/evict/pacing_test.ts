import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Pace, type PodState } from "../../../lib/orchestrator/evict/pacing.ts";
import { eviction, hour, limits as settings, minute, podUid } from "../build.ts";

const limits = settings.pace;

/** Pods come into sight by their names: `a`, `b`, `c`, or `p0`, `p1`, `p2`. */
function sightOf(name: string): number {
  return name.length === 1 ? name.charCodeAt(0) - "a".charCodeAt(0) + 1 : Number(name.slice(1)) + 1;
}

/** A pod as pacing sees it: ready and clear, but for what the words say. */
function state(name: string, ...but: ("failing" | "terminating" | "unready")[]): PodState {
  return {
    uid: podUid(name),
    sight: sightOf(name),
    ready: !but.includes("unready"),
    failing: but.includes("failing"),
    terminating: but.includes("terminating"),
  };
}

/** Evicts a pod when `last` was the last one that had come into sight. */
function evict(pace: Pace, name: string, last: string, at: number): void {
  pace.evicted(eviction(name, at, sightOf(last)));
}

/** A pace after the eviction of `a`, beside which `b` was there, at minute 0. */
function evicted(): Pace {
  const pace = new Pace();
  evict(pace, "a", "b", 0);
  return pace;
}

/** Shows the pace these pods once a minute, from minute to minute, both included. */
function show(pace: Pace, from: number, to: number, ...pods: PodState[]): Pace {
  for (let at = from; at <= to; at++) pace.observe(pods, false, at * minute, limits);
  return pace;
}

/** When the wait ends, in minutes. */
function waitsUntil(pace: Pace): number {
  return pace.waitsUntil(limits) / minute;
}

Deno.test("a workload without evictions has nothing down, no wait and nothing to remember", () => {
  const pace = new Pace();
  deepEqual([pace.down, pace.waitsUntil(limits), pace.idle], [0, -Infinity, true]);
});

Deno.test("an eviction is under way while the pod is still there", () => {
  equal(show(evicted(), 1, 3, state("a", "terminating"), state("b"), state("c")).down, 1);
});

Deno.test("an eviction is under way while its replacement is not ready", () => {
  equal(show(evicted(), 1, 3, state("b"), state("c", "unready")).down, 1);
});

Deno.test("an eviction is over when its replacement is ready", () => {
  equal(show(evicted(), 1, 1, state("b"), state("c")).down, 0);
});

Deno.test("pods that were there before are no replacement", () => {
  equal(show(evicted(), 1, 3, state("b")).down, 1);
});

Deno.test("an eviction is over when the workload has all its ready pods, scaled down meanwhile", () => {
  const pace = evicted();
  for (const at of [1, 2]) pace.observe([state("b")], true, at * minute, limits);
  equal(pace.down, 0);
});

Deno.test("in the scan that first misses its pod a full workload ends no eviction: it may be old news", () => {
  const pace = evicted();
  pace.observe([state("a", "terminating"), state("b")], true, minute, limits);
  pace.observe([state("b")], true, 2 * minute, limits);
  equal(pace.down, 1);
  pace.observe([state("b")], false, 3 * minute, limits);
  equal(pace.down, 1, "and then it shows that it is not full");
});

Deno.test("an eviction that was found late holds the next one, and nobody says that it did not help", () => {
  const pace = new Pace();
  pace.evicted({ ...eviction("a", 0, sightOf("b")), late: true });
  deepEqual([show(pace, 1, 10, state("b", "failing")).down, pace.fruitless], [1, 0]);
  show(pace, 11, 11, state("b", "failing"));
  deepEqual([pace.down, pace.fruitless, pace.idle], [0, 0, true]);
});

Deno.test("many evictions from a large workload are looked at in no time", () => {
  const pods = Array.from({ length: 10_000 }, (_, n) => state(`p${n}`, "failing"));
  const pace = new Pace();
  const began = performance.now();
  for (let n = 0; n < 1000; n++) evict(pace, `p${n}`, "p9999", 0);
  for (let at = 1; at <= 3; at++) pace.observe(pods, false, at * minute, limits);
  equal(pace.down, 1000);
  const took = performance.now() - began;
  ok(took < 1000, `${took} ms`);
});

Deno.test("a full workload does not end an eviction whose pod is still there", () => {
  const pace = evicted();
  pace.observe([state("a", "terminating"), state("b")], true, minute, limits);
  equal(pace.down, 1);
});

Deno.test("an eviction holds the next one no longer than the deadline", () => {
  const pace = show(evicted(), 1, 10, state("b"));
  equal(pace.down, 1);
  equal(show(pace, 11, 11, state("b")).down, 0);
});

Deno.test("one eviction that is noted twice is one eviction", () => {
  const pace = evicted();
  evict(pace, "a", "c", minute);
  equal(pace.down, 1);
});

Deno.test("each replacement stands in for one eviction only", () => {
  const pace = evicted();
  evict(pace, "b", "b", 0);
  equal(show(pace, 1, 3, state("c"), state("d", "unready")).down, 1);
  equal(show(pace, 4, 4, state("c"), state("d")).down, 0);
});

Deno.test("the replacement of a later eviction leaves the earlier one its own", () => {
  const pace = evicted();
  const waiting = state("c", "unready");
  evict(pace, "b", "c", minute);
  equal(show(pace, 2, 2, waiting, state("d")).down, 1);
  equal(show(pace, 3, 3, state("c"), state("d")).down, 0);
});

Deno.test("a replacement that fails makes the eviction one that did not help", () => {
  equal(show(evicted(), 1, 1, state("b"), state("c", "failing")).fruitless, 1);
});

Deno.test("one failing replacement counts against one eviction only, however long it fails", () => {
  const pace = evicted();
  evict(pace, "b", "b", 0);
  equal(show(pace, 1, 9, state("c", "failing"), state("d", "unready")).fruitless, 1);
});

Deno.test("a replacement that does not come by the deadline makes the eviction one that did not help", () => {
  const pace = show(evicted(), 1, 10, state("b"));
  equal(pace.fruitless, 0);
  equal(show(pace, 11, 11, state("b")).fruitless, 1);
});

Deno.test("a pod that was there before and fails says nothing about the eviction", () => {
  equal(show(evicted(), 1, 9, state("b", "failing"), state("c")).fruitless, 0);
});

Deno.test("an eviction whose replacement stays clear is forgotten", () => {
  const pace = show(evicted(), 1, 3, state("b"), state("c"));
  equal(pace.idle, false);
  equal(show(pace, 4, 4, state("b"), state("c")).idle, true);
});

Deno.test("clear scans count in a row, and only while the replacement is ready and stays", () => {
  const others: PodState[] = [state("c", "unready"), state("c", "terminating")];
  for (const interruption of others) {
    const pace = show(evicted(), 1, 3, state("c"));
    show(pace, 4, 4, interruption);
    equal(show(pace, 5, 7, state("c")).idle, false);
    equal(show(pace, 8, 8, state("c")).idle, true);
  }
});

/** A pace after so many evictions that did not help, one at each of these minutes. */
function fruitlessAt(...minutes: number[]): Pace {
  const pace = new Pace();
  minutes.forEach((at, index) => {
    evict(pace, `p${index}`, `p${index}`, at * minute);
    show(pace, at + 1, at + 1, state(`p${index + 1}`, "failing"));
  });
  return pace;
}

Deno.test("each eviction in a row that did not help doubles the wait", () => {
  equal(waitsUntil(fruitlessAt(0)), 8);
  equal(waitsUntil(fruitlessAt(0, 20)), 20 + 16);
  equal(waitsUntil(fruitlessAt(0, 20, 60)), 60 + 32);
});

Deno.test("the wait grows to an hour and no further", () => {
  equal(waitsUntil(fruitlessAt(0, 20, 60, 100)), 100 + 60);
  equal(waitsUntil(fruitlessAt(0, 20, 60, 100, 200, 300, 400)), 400 + 60);
});

Deno.test("the wait ends as soon as a replacement stays clear", () => {
  const pace = fruitlessAt(0, 20);
  evict(pace, "p2", "p2", 40 * minute);
  equal(show(pace, 41, 43, state("p3")).fruitless, 2);
  equal(show(pace, 44, 44, state("p3")).fruitless, 0);
  equal(pace.waitsUntil(limits), -Infinity);
  equal(pace.idle, true);
});

Deno.test("the wait ends too when a replacement that failed at first recovers and stays clear", () => {
  const pace = show(evicted(), 1, 1, state("b"), state("c", "failing"));
  equal(show(pace, 2, 4, state("b"), state("c")).fruitless, 1);
  equal(show(pace, 5, 5, state("b"), state("c")).fruitless, 0);
});

Deno.test("the wait does not end because pods stay clear that were there before", () => {
  const pace = show(evicted(), 1, 1, state("b"), state("c", "failing"));
  equal(show(pace, 2, 50, state("b"), state("c", "failing")).fruitless, 1);
});

Deno.test("a replacement that stays clear for long does not hide that a later one fails", () => {
  const pace = show(evicted(), 1, 3, state("b", "failing"), state("c"));
  evict(pace, "b", "c", 3 * minute);
  show(pace, 4, 4, state("c"), state("d", "unready"));
  equal(show(pace, 5, 20, state("c"), state("d", "failing")).fruitless, 1);
});

Deno.test("a row that is long over is forgotten", () => {
  const pace = fruitlessAt(0, 20);
  equal(show(pace, 21, 260).fruitless, 2);
  const later = show(pace, 261, 262);
  deepEqual([later.fruitless, later.idle], [0, true]);
});

/** How often a workload that always fails is evicted in a day, whatever its scans are like. */
function evictionsInADay(readyAfter: number): number {
  const pace = new Pace();
  let pod = { name: 0, since: 0 };
  let evictions = 0;
  for (let at = 0; at < 24 * 60; at++) {
    const current = at - pod.since < readyAfter
      ? state(`p${pod.name}`, "unready")
      : state(`p${pod.name}`, "failing");
    pace.observe([current], false, at * minute, limits);
    if (!current.failing || pace.down > 0 || pace.waitsUntil(limits) > at * minute) continue;
    evict(pace, current.uid, current.uid, at * minute);
    pod = { name: pod.name + 1, since: at + 1 };
    evictions++;
  }
  return evictions;
}

Deno.test("a broken release is evicted about once an hour in the end, not for ever", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9 }), (readyAfter) => {
      const evictions = evictionsInADay(readyAfter);
      ok(evictions >= 20 && evictions <= 28, `${evictions} evictions`);
    }),
    { numRuns: 10 },
  );
});

Deno.test("the wait never exceeds an hour after the last eviction", () => {
  const outcomes = fc.array(fc.constantFrom("failing", "unready"), { maxLength: 30 });
  fc.assert(fc.property(outcomes, (replacements) => {
    const pace = new Pace();
    replacements.forEach((how, index) => {
      const now = index * 90 * minute;
      evict(pace, `p${index}`, `p${index}`, now);
      pace.observe([state(`p${index + 1}`, how as "failing")], false, now + 15 * minute, limits);
      ok(pace.waitsUntil(limits) <= now + hour);
    });
  }));
});
