import { deepEqual, equal, ok } from "node:assert/strict";
import { decide } from "../../../lib/orchestrator/rollout/decide.ts";
import { emptyState, maxSources } from "../../../lib/orchestrator/rollout/state.ts";
import { formatState, parseState } from "../../../lib/orchestrator/rollout/state_text.ts";
import { noon } from "../build.ts";
import { dataPod, rolloutLimits, rolloutModel, version } from "./build.ts";

/** Pods with 64 deployments each, of sources of their own or all of the same. */
function crowd(count: number, sourceOf: (pod: number, deployment: number) => string) {
  const pods = Array.from({ length: count }, (_, n) => {
    const deployments = Array.from({ length: 64 }, (_, k) => ({ name: `d-${k}`, source: sourceOf(n, k) }));
    return dataPod(`p-${n}`, { deployments });
  });
  const names = new Set(pods.flatMap(({ deployments }) => deployments.map(({ source }) => source)));
  const catalogue = new Map([...names].map((name) => [name, { versions: [version(1)] }]));
  return rolloutModel(pods, [], { catalogue });
}

Deno.test("500 pods with 64 sources each, all different, are decided about without blocking anybody", () => {
  const model = crowd(500, (n, k) => `s-${n}-${k}`);
  const began = performance.now();
  const { state, unmanaged } = decide(model, emptyState, rolloutLimits, noon);
  const took = performance.now() - began;
  // It takes a fifth of a second; the rest is for a busy machine.
  ok(took < 2_000, `${Math.round(took)} ms`);
  deepEqual([state.sources.size, unmanaged.length], [maxSources, 500 * 64 - maxSources]);
});

Deno.test("a look at what is known decides nothing anew, whatever sources are called", () => {
  const names = ["constructor", "prototype", "hasOwnProperty", "digest"];
  const model = crowd(2, (_, k) => names[k] ?? `s-${k}`);
  const first = decide(model, emptyState, rolloutLimits, noon);
  const held = parseState(formatState(first.state));
  ok(!("problem" in held));
  const next = decide(model, held, rolloutLimits, noon);
  equal(next.state, held);
  deepEqual(next.said, []);
});
