import { deepEqual, equal, match } from "node:assert/strict";
import { decide, type Decision } from "../../../lib/orchestrator/evict/decide.ts";
import type { Memory, Model } from "../../../lib/orchestrator/evict/model.ts";
import type { Workload } from "../../../lib/orchestrator/workload.ts";
import {
  failingPod,
  limits,
  memory,
  minute,
  model,
  observed,
  pod,
  type PodChanges,
  watchdog,
  workload,
} from "../build.ts";

/** What is decided about one failing pod. */
function about(
  changes: PodChanges,
  { of, cluster, past = memory() }: { of?: Workload; cluster?: Partial<Model>; past?: Memory } = {},
): Decision {
  const one = failingPod(changes);
  const found = one.controller ? of ?? workload() : undefined;
  const decisions = decide(model([{ ...observed(one), workload: found }], cluster), past, limits);
  equal(decisions.length, 1);
  return decisions[0]!;
}

/** The decision in short. */
function short({ do: did, why }: Decision): string {
  return `${did} ${why.rule}`;
}

Deno.test("a pod that failed in as many scans as needed is evicted", () => {
  const decision = about({});
  equal(short(decision), "evict watchdogs-failed");
  equal(decision.pod.name, "web-1");
  equal(decision.workload?.name, "web");
  equal(decision.why.words, "watchdog disk failed in 4 scans: disk full");
});

Deno.test("further failing watchdogs are counted in the words", () => {
  const { why } = about({ watchdogs: [watchdog(), watchdog({ name: "net" }), watchdog({ name: "cpu" })] });
  equal(why.words, "watchdog disk and 2 more failed in 4 scans: disk full");
});

Deno.test("nothing is decided about a pod that does not fail", () => {
  deepEqual(decide(model([observed(pod())]), memory(), limits), []);
});

Deno.test("a pod is evicted in the scan after the set number of failures, and not one before", () => {
  const after = (strikes: number) => short(about({}, { past: memory({ strikes }) }));
  equal(after(3), "hold too-few-scans");
  equal(after(4), "evict watchdogs-failed");
});

Deno.test("with no earlier failures needed the first failing scan evicts", () => {
  const settings = { ...limits, failuresBeforeEviction: 0 };
  const decisions = decide(model([observed(failingPod())]), memory({ strikes: 1 }), settings);
  deepEqual(decisions.map(short), ["evict watchdogs-failed"]);
});

Deno.test("a pod whose eviction was accepted is not asked for again, though its end is not seen yet", () => {
  const now = model([]).ticks;
  const after = (minutes: number) =>
    about({}, { past: memory({ evictions: { "web-1-uid": now - minutes * minute } }) });
  equal(short(after(0)), "exclude terminating");
  equal(after(10).why.words, "its eviction was accepted already, and its end is not seen yet");
  equal(short(after(11)), "evict watchdogs-failed", "something undid it");
});

Deno.test("a pod that failed too few times is told how many are missing", () => {
  equal(about({}, { past: memory({ strikes: 2 }) }).why.words, "it failed in 2 of 4 scans");
});

const exclusions: Record<string, { rule: string; words: RegExp; decision: () => Decision }> = {
  "a terminating pod": {
    rule: "terminating",
    words: /being deleted already/,
    decision: () => about({ terminating: true }),
  },
  "a finished pod": { rule: "finished", words: /has finished/, decision: () => about({ finished: true }) },
  "a mirror pod": {
    rule: "mirror-pod",
    words: /the kubelet made it/,
    decision: () => about({ mirror: true }),
  },
  "a pod of AutoCrane's own": {
    rule: "own-pod",
    words: /AutoCrane's own/,
    decision: () => about({ namespace: "autocrane", serviceAccount: "orchestrate" }),
  },
  "a pod that says never": {
    rule: "never",
    words: /autocrane\.io\/evict says never/,
    decision: () => about({ wish: "never" }),
  },
  "a pod whose wish cannot be read": {
    rule: "unreadable-evict",
    words: /neither "never" nor "always"/,
    decision: () => about({ wish: "unreadable" }),
  },
  "a Job's pod": {
    rule: "job",
    words: /belongs to a Job/,
    decision: () => about({ controller: { apiVersion: "batch/v1", kind: "Job", name: "import", uid: "j" } }),
  },
  "a pod without a controller": {
    rule: "no-controller",
    words: /nothing would replace it \(autocrane\.io\/evict: always/,
    decision: () => about({ controller: undefined }),
  },
  "a paused pod": {
    rule: "paused-pod",
    words: /pause is set on it/,
    decision: () => about({ paused: true }),
  },
  "a pod of a paused workload": {
    rule: "paused-workload",
    words: /pause is set on Deployment web/,
    decision: () => about({}, { of: workload({ paused: true }) }),
  },
  "a pod in a paused namespace": {
    rule: "paused-namespace",
    words: /pause is set on the namespace shop/,
    decision: () => about({}, { cluster: { pausedNamespaces: new Set(["shop"]) } }),
  },
  "a pod on a node that is not Ready": {
    rule: "node-not-ready",
    words: /its node n1 is not Ready/,
    decision: () => about({}, { cluster: { nodes: new Map([["n1", false]]) } }),
  },
  "a pod on a node that nobody knows": {
    rule: "node-not-ready",
    words: /its node n1 is not known/,
    decision: () => about({}, { cluster: { nodes: new Map() } }),
  },
  "a pod without a node": {
    rule: "node-not-ready",
    words: /has no node yet/,
    decision: () => about({ node: "" }),
  },
};

for (const [who, { rule, words, decision }] of Object.entries(exclusions)) {
  Deno.test(`${who} is never evicted: ${rule}`, () => {
    equal(short(decision()), `exclude ${rule}`);
    match(decision().why.words, words);
  });
}

Deno.test("always evicts a pod although nothing would replace it", () => {
  equal(short(about({ controller: undefined, wish: "always" })), "evict watchdogs-failed");
});

Deno.test("always is no way around any other exclusion", () => {
  const wish = "always";
  const job = { apiVersion: "batch/v1", kind: "Job", name: "import", uid: "j" };
  equal(short(about({ wish, controller: job })), "exclude job");
  equal(short(about({ wish, mirror: true })), "exclude mirror-pod");
  equal(short(about({ wish, paused: true })), "exclude paused-pod");
  equal(short(about({ wish, node: "" })), "exclude node-not-ready");
});

Deno.test("AutoCrane's own are known by namespace and service account together", () => {
  equal(short(about({ namespace: "autocrane" })), "evict watchdogs-failed");
  equal(short(about({ serviceAccount: "orchestrate" })), "evict watchdogs-failed");
});

Deno.test("a pause elsewhere changes nothing", () => {
  const cluster = { pausedNamespaces: new Set(["checkout"]) };
  equal(short(about({}, { cluster })), "evict watchdogs-failed");
});

Deno.test("a workload of a kind that nobody follows loses pods like any other", () => {
  const of = workload({ kind: "Rollout", desired: 0, ready: 0 });
  equal(short(about({}, { of })), "evict watchdogs-failed");
});

Deno.test("an excluded pod is told so before it has failed often enough", () => {
  equal(short(about({ wish: "never" }, { past: memory({ strikes: 1 }) })), "exclude never");
});

/** Ten pods of two workloads that all fail: a storm. */
const storm = Array.from({ length: 10 }, (_, index) => {
  const of = workload({ name: index % 2 ? "web" : "api" });
  return observed(failingPod({ name: `web-${index}` }), of);
});

Deno.test("in a storm nothing is evicted, and each pod is told why", () => {
  const decisions = decide(model(storm), memory(), limits);
  deepEqual(new Set(decisions.map(short)), new Set(["hold storm"]));
  match(decisions[0]!.why.words, /^10 of 10 pods in shop fail at once/);
});

Deno.test("a storm holds nothing back in other namespaces", () => {
  const elsewhere = observed(failingPod({ namespace: "checkout", name: "cart-1" }));
  const decisions = decide(model([...storm, elsewhere]), memory(), limits);
  equal(short(decisions[0]!), "evict watchdogs-failed");
  equal(decisions[0]!.pod.name, "cart-1");
});

Deno.test("in a storm an excluded pod keeps its own reason", () => {
  const never = observed(failingPod({ name: "web-x", wish: "never" }));
  const decisions = decide(model([...storm, never]), memory(), limits);
  equal(short(decisions.find(({ pod }) => pod.name === "web-x")!), "exclude never");
});

Deno.test("evictions come first among the decisions", () => {
  const pods = [observed(failingPod({ name: "a", wish: "never" })), observed(failingPod({ name: "b" }))];
  deepEqual(decide(model(pods), memory(), limits).map(short), ["evict watchdogs-failed", "exclude never"]);
});
