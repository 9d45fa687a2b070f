import { ok } from "node:assert/strict";
import { happenings } from "../../../lib/orchestrator/rollout/state.ts";
import { Simulation } from "./simulation.ts";

const histories = 10_000;

Deno.test("10,000 random histories keep every promise and end with all pods on the last good version", () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= histories; seed++) {
    const simulation = new Simulation(seed);
    try {
      simulation.run(30);
    } catch (cause) {
      throw new Error(`the history of seed ${seed} breaks a promise: ${(cause as Error).message}`, { cause });
    }
    for (const [rule, count] of simulation.counts) counts.set(rule, (counts.get(rule) ?? 0) + count);
  }
  // What never happened was not tried.
  for (const rule of happenings) ok(counts.has(rule) || rule === "forgotten", `no history had "${rule}"`);
});
