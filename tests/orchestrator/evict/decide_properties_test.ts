import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { decide } from "../../../lib/orchestrator/evict/decide.ts";
import type { Memory, Model, ObservedPod } from "../../../lib/orchestrator/evict/model.ts";
import { Pace } from "../../../lib/orchestrator/evict/pacing.ts";
import { stormsIn } from "../../../lib/orchestrator/evict/storm.ts";
import type { Workload } from "../../../lib/orchestrator/workload.ts";
import {
  clearWatchdog,
  eviction,
  failingPod,
  limits,
  memory,
  minute,
  model,
  observed,
  type PodChanges,
  watchdog,
  workload,
} from "../build.ts";

/** True once in a while, so that most pods of a model are ordinary. */
const seldom = fc.nat(15).map((roll) => roll === 0);

const kind = fc.constantFrom("ReplicaSet", "ReplicaSet", "ReplicaSet", "StatefulSet", "Job", undefined);

function ownerOf(kind: string | undefined): PodChanges["controller"] {
  return kind === undefined ? undefined : { apiVersion: "v1", kind, name: "any", uid: "any" };
}

const anyPod: fc.Arbitrary<PodChanges> = fc.record({
  namespace: fc.constantFrom("shop", "shop", "checkout", "autocrane"),
  serviceAccount: fc.constantFrom("default", "default", "orchestrate"),
  controller: kind.map(ownerOf),
  node: fc.constantFrom(...Array<string>(9).fill("n1"), "broken", "unheard of", ""),
  terminating: seldom,
  finished: seldom,
  mirror: seldom,
  paused: seldom,
  wish: fc.constantFrom(
    ...Array<undefined>(6).fill(undefined),
    "always",
    "always",
    "never",
    "unreadable",
  ),
  watchdogs: fc.nat(4).map((roll) => [roll > 1 ? clearWatchdog() : watchdog()]),
});

const anyWorkload: fc.Arbitrary<Workload> = fc.record({
  name: fc.constantFrom("web", "api", "cart"),
  paused: seldom,
  failingLimit: fc.constantFrom(undefined, "2", "50%", "0", "many"),
}).map((changes) => workload(changes));

/** Everything that a decision looks at. */
interface Scene {
  readonly model: Model;
  readonly memory: Memory;
}

const anyScene: fc.Arbitrary<Scene> = fc.record({
  pods: fc.array(fc.tuple(anyPod, fc.nat(2)), { maxLength: 25, size: "max" }),
  workloads: fc.tuple(anyWorkload, anyWorkload, anyWorkload),
  strikes: fc.array(fc.constantFrom(0, 1, 3, 4, 4, 4, 5, 9), { minLength: 25, maxLength: 25 }),
  refusals: fc.array(fc.option(fc.nat(100)), { minLength: 25, maxLength: 25 }),
  evicting: fc.array(fc.constantFrom("web", "api", "cart"), { maxLength: 2 }),
  paused: fc.constantFrom<string[]>([], [], [], ["shop"]),
}).map(({ pods, workloads, strikes, refusals, evicting, paused }) => {
  const paces: Record<string, Pace> = {};
  evicting.forEach((name, index) => {
    const pace = paces[`${name}-deployment`] ??= new Pace();
    pace.evicted(eviction(`gone-${index}`, model([]).ticks - minute));
  });
  // One uid, one workload: whoever names the same one means the same.
  const known = new Map(workloads.map((one) => [one.uid, one]));
  const seen = pods.map(([changes, pick], index) => {
    const one = failingPod({ name: `pod-${index}`, ...changes });
    return { ...observed(one), workload: one.controller && known.get(workloads[pick]!.uid) };
  });
  return {
    model: model(seen, {
      nodes: new Map([["n1", true], ["broken", false]]),
      pausedNamespaces: new Set(paused),
    }),
    memory: memory({
      paces,
      strikes: Object.fromEntries(strikes.map((scans, index) => [`pod-${index}-uid`, scans])),
      refusals: Object.fromEntries(refusals.map((at, index) => [`pod-${index}-uid`, at ?? -Infinity])),
    }),
  };
});

/** The rules of who is never evicted, said once more in the simplest way. */
function mustStay({ pod, workload }: ObservedPod, { pausedNamespaces }: Model): boolean {
  return pod.terminating || pod.finished || pod.mirror || pod.paused || pod.node !== "n1" ||
    (pod.namespace === "autocrane" && pod.serviceAccount === "orchestrate") ||
    pod.wish === "never" || pod.wish === "unreadable" || pod.controller?.kind === "Job" ||
    (pod.controller === undefined && pod.wish !== "always") ||
    workload?.paused === true || pausedNamespaces.has(pod.namespace);
}

/** The evictions that are decided. */
function evictions({ model, memory }: Scene) {
  return decide(model, memory, limits).filter(({ do: did }) => did === "evict");
}

/** Checks a promise over many scenes, and that these scenes do evict. */
function always(promise: (scene: Scene) => void): void {
  let evicted = 0;
  fc.assert(
    fc.property(anyScene, (scene) => {
      evicted += evictions(scene).length;
      promise(scene);
    }),
    { numRuns: 1000 },
  );
  ok(evicted > 200, `these scenes show too little: ${evicted} evictions`);
}

Deno.test("no decision ever evicts an excluded pod", () => {
  always((scene) => {
    for (const { pod } of evictions(scene)) {
      const one = scene.model.pods.find(({ pod: { uid } }) => uid === pod.uid)!;
      equal(mustStay(one, scene.model), false);
    }
  });
});

Deno.test("exactly the excluded among the failing pods are told that they are", () => {
  always((scene) => {
    const decisions = decide(scene.model, scene.memory, limits);
    const excluded = decisions.filter(({ do: did }) => did === "exclude").map(({ pod }) => pod.uid);
    const expected = scene.model.pods.filter((one) => one.failures.length > 0 && mustStay(one, scene.model))
      .map(({ pod }) => pod.uid);
    deepEqual(excluded.sort(), expected.sort());
  });
});

Deno.test("each failing pod gets one decision, and no other pod any", () => {
  always(({ model, memory }) => {
    const decided = decide(model, memory, limits).map(({ pod }) => pod.uid);
    const failing = model.pods.filter(({ failures }) => failures.length > 0).map(({ pod }) => pod.uid);
    deepEqual(decided.sort(), failing.sort());
  });
});

Deno.test("no decision evicts a pod with fewer failing scans than needed, or in a storm", () => {
  always((scene) => {
    const storms = stormsIn(scene.model, limits);
    for (const { pod } of evictions(scene)) {
      ok(scene.memory.strikes(pod.uid)!.scans > limits.failuresBeforeEviction);
      equal(storms.has(pod.namespace), false);
    }
  });
});

Deno.test("no decision takes more of a workload's pods than its limit leaves", () => {
  const most: Record<string, number> = { "2": 2, "50%": 1, "0": 0, many: 1 };
  always((scene) => {
    const taken = Map.groupBy(evictions(scene), ({ workload }) => workload);
    for (const [workload, decisions] of taken) {
      if (!workload) continue;
      const down = scene.memory.pace(workload.uid)?.down ?? 0;
      ok(down + decisions.length <= (most[workload.failingLimit ?? "many"] ?? 1));
    }
  });
});

Deno.test("the same input gives the same output", () => {
  always(({ model, memory }) => deepEqual(decide(model, memory, limits), decide(model, memory, limits)));
});

Deno.test("the order in which pods are seen decides nothing", () => {
  const shuffled = anyScene.chain((scene) =>
    fc.tuple(
      fc.constant(scene),
      fc.shuffledSubarray([...scene.model.pods], { minLength: scene.model.pods.length }),
    )
  );
  fc.assert(fc.property(shuffled, ([{ model, memory }, pods]) => {
    deepEqual(decide({ ...model, pods }, memory, limits), decide(model, memory, limits));
  }));
});

Deno.test("ten thousand failing pods of a thousand workloads are decided at once", () => {
  const pods = Array.from({ length: 10_000 }, (_, index) => {
    const of = workload({ name: `web-${index % 1000}`, failingLimit: "20%", desired: 10 });
    return observed(failingPod({ name: `web-${index}` }), of);
  });
  const decisions = decide(model(pods), memory(), { ...limits, stormPercent: 100 });
  equal(decisions.length, 10_000);
  equal(decisions.filter(({ do: did }) => did === "evict").length, 2000);
});
