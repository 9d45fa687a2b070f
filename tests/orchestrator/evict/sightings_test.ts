import { deepEqual, equal } from "node:assert/strict";
import { Sightings } from "../../../lib/orchestrator/evict/sightings.ts";
import { minute, pod, podUid } from "../build.ts";

const [a, b, c] = ["a", "b", "c"].map((name) => pod({ name, uid: name }));

/** Which evictions wait, after how many pods. */
function waiting(sightings: Sightings): string[] {
  return sightings.waiting().map(({ pod, lastSight }) => `${pod.uid} after ${lastSight}`);
}

Deno.test("pods are numbered in the order in which they are seen first", () => {
  const sightings = new Sightings();
  sightings.look([b!, a!], 0);
  sightings.look([a!, b!, c!], 0);
  deepEqual(["a", "b", "c"].map((uid) => sightings.numberOf(podUid(uid))), [2, 1, 3]);
  equal(sightings.last, 3);
});

Deno.test("a pod that is gone is forgotten, and its number is given to no other one", () => {
  const sightings = new Sightings();
  for (const pods of [[a!, b!], [b!], [b!, c!], [a!, b!, c!]]) sightings.look(pods, 0);
  deepEqual(["a", "b", "c"].map((uid) => sightings.numberOf(podUid(uid))), [4, 2, 3]);
});

Deno.test("an eviction comes after the pods that were in sight, a late one after all that are by now", () => {
  const sightings = new Sightings();
  sightings.look([a!, b!], 0);
  sightings.evicted(a!, 0, false);
  sightings.evicted(b!, 0, true);
  sightings.look([a!, b!, c!], minute);
  deepEqual(waiting(sightings), ["a after 2", "b after 3"]);
});

Deno.test("an eviction that is known does not wait again, by event or by state, until its pod is gone", () => {
  const sightings = new Sightings();
  const ending = pod({ name: "a", uid: "a", evicted: true, terminating: true });
  sightings.look([ending], 0);
  sightings.known(ending.uid, 0);
  sightings.evicted(ending, minute, false);
  sightings.look([ending], minute);
  deepEqual([waiting(sightings), sightings.evictedAt(ending.uid)], [[], 0]);
  sightings.look([], 2 * minute);
  equal(sightings.evictedAt(ending.uid), -Infinity);
});

Deno.test("however long nothing can be judged, a bounded number of evictions is kept, the newest ones", () => {
  const sightings = new Sightings();
  for (let n = 0; n < 3000; n++) sightings.evicted(pod({ uid: `${n}` }), n, false);
  const kept = sightings.waiting();
  deepEqual([kept.length, kept[0]!.pod.uid, kept.at(-1)!.pod.uid], [1000, "2000", "2999"]);
});
