import { ok } from "node:assert/strict";
import fc from "fast-check";
import { type Crew, type Fate, type History, Simulation, type Step } from "./simulation.ts";

const crew: fc.Arbitrary<Crew> = fc.record({
  kind: fc.constantFrom("Deployment", "Deployment", "StatefulSet", "DaemonSet"),
  failingLimit: fc.constantFrom(undefined, "0", "2", "3", "50%", "100%", "many"),
  pods: fc.integer({ min: 1, max: 6 }),
});

const fate: fc.Arbitrary<Fate> = fc.record({
  answer: fc.constantFrom("evicted", "evicted", "evicted", "budget", "throttled", "changed"),
  ends: fc.integer({ min: 1, max: 4 }),
  comes: fc.integer({ min: 1, max: 4 }),
  readies: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined, freq: 5 }),
  fails: fc.boolean(),
});

/** Mostly quiet minutes: pods must fail for a while to be evicted at all. */
function step(proberFails: number, staleness: number): fc.Arbitrary<Step> {
  const seldom = (percent: number) => fc.nat(99).map((roll) => roll < percent);
  return fc.record({
    flips: fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      { arbitrary: fc.array(fc.nat(100), { maxLength: 4 }), weight: 1 },
    ),
    leader: fc.nat(99).map((roll) => (roll < 90 ? 0 : 1)),
    proberWorks: seldom(proberFails).map((fails) => !fails),
    stale: seldom(staleness),
    standByStale: seldom(3 * staleness),
  });
}

const history: fc.Arbitrary<History> = fc.record({
  crews: fc.array(crew, { minLength: 1, maxLength: 3 }),
  failuresBeforeEviction: fc.integer({ min: 0, max: 3 }),
  steps: fc.array(step(10, 10), { minLength: 30, maxLength: 120, size: "max" }),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
});

Deno.test("over any history limits hold, no pod is evicted too early, and none twice", async () => {
  let evictions = 0;
  await fc.assert(
    fc.asyncProperty(history, async (one) => {
      const simulation = new Simulation(one);
      await simulation.run();
      evictions += simulation.evictions;
    }),
    { numRuns: 150 },
  );
  ok(evictions > 300, `these histories show too little: ${evictions} evictions`);
});
