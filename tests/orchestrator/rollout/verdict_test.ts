import { deepEqual, equal, match } from "node:assert/strict";
import type { DataPod } from "../../../lib/orchestrator/rollout/model.ts";
import { applied, dataPod, failed, version } from "./build.ts";
import { Stage } from "./stage.ts";

const others = ["b", "c", "d"];

/** Pod `a` of four is the canary of version 2, and has applied it. */
function probation(
  limits: ConstructorParameters<typeof Stage>[0] = {},
  before: Partial<DataPod> = {},
): Stage {
  const stage = new Stage(limits);
  stage.settle(version(1), ["a", ...others]);
  stage.change(["a"], before);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  return stage;
}

const rules = ({ said }: { said: readonly { rule: string }[] }) => said.map(({ rule }) => rule);

Deno.test("canaries that were well for the probation make their version known good for everybody", () => {
  const stage = probation();
  deepEqual(rules(stage.after(599)), []);
  const { said, requests } = stage.after(1);
  equal(said[0]?.words, `${version(2).path.replace(".tar", "")} is known good: 1 of 1 canary pod was well`);
  deepEqual(
    requests.map(({ pod, version }) => [pod.name, version.path]),
    others.map((name) => [name, version(2).path]),
  );
  equal(stage.source.previous?.version, version(1).version);
});

Deno.test("a canary that was not probed since is not well, however long it takes", () => {
  const stage = probation();
  stage.says("a", applied(version(2), { probed: undefined }));
  deepEqual(rules(stage.after(6000)), []);
  match(stage.explained.why[0]!, /waiting for 1 of 1 canary pod: a: its watchdogs were not all probed since/);
  stage.says("a", applied(version(2)));
  deepEqual(rules(stage.after(1)), ["promoted"]);
});

Deno.test("the probation counts from the apply, not from the request", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", ...others]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.after(290);
  stage.apply();
  stage.decide();
  deepEqual(rules(stage.after(599)), []);
  deepEqual(rules(stage.after(1)), ["promoted"]);
});

Deno.test("a pod without watchdogs is judged by readiness and restarts, and that is said", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", ...others], { watched: false });
  stage.versions = [version(1), version(2)];
  const { said } = stage.after(1);
  equal(said.at(-1)?.rule, "no-watchdogs");
  stage.says("a", applied(version(2), { probed: undefined }));
  stage.decide();
  deepEqual(rules(stage.after(600)), ["promoted"]);
});

const harms: readonly (readonly [string, Partial<DataPod>, RegExp])[] = [
  ["crashes", { crashing: true, ready: false }, /a: it crashes/],
  ["is not Ready any more", { ready: false }, /a: it is not Ready/],
  ["restarted", { restarts: 1 }, /a: its containers restarted once since/],
  ["fails a watchdog", { failing: ["disk"] }, /a: its watchdog disk fails/],
  ["is evicted by AutoCrane", { evicted: true, terminating: true }, /a: AutoCrane had it evicted/],
  ["ends with an error", { finished: true, crashing: true, ready: false }, /a: it ended with an error/],
];
for (const [what, change, words] of harms) {
  Deno.test(`a canary that ${what} fails: its version is rejected and never asked for again`, () => {
    const stage = probation();
    stage.change(["a"], change);
    const { said } = stage.after(1);
    deepEqual(rules({ said }), ["canary-failing", "rejected"]);
    match(said[0]!.words, words);
    deepEqual(stage.source.rejected.map(({ version }) => version), [version(2).version]);
    stage.change(["a"], {
      crashing: false,
      ready: true,
      failing: [],
      evicted: false,
      terminating: false,
      finished: false,
    });
    stage.after(1);
    deepEqual(["a", ...others].map((name) => stage.asked(name)), Array(4).fill(version(1).path));
    deepEqual(rules(stage.after(6000)), []);
  });
}

for (const fault of ["digest", "content", "notify"] as const) {
  Deno.test(`a canary whose deployer says ${fault} fails`, () => {
    const stage = new Stage();
    stage.settle(version(1), ["a", ...others]);
    stage.versions = [version(1), version(2)];
    stage.after(1);
    stage.says("a", failed(version(2), fault, fault === "notify" ? undefined : version(1)));
    deepEqual(rules(stage.after(1)), ["canary-failing", "rejected"]);
    equal(stage.asked("a"), version(1).path);
  });
}

Deno.test("a pod that was evicted and is gone already fails as well", () => {
  const stage = probation();
  stage.remove("a", "evicted");
  deepEqual(rules(stage.after(1)), ["canary-failing", "rejected"]);
});

Deno.test("a container that ended between the swap and the word of it counts as restarted since", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", ...others]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.change(["a"], { restarts: 1, restartedAt: stage.now + 2_000 });
  deepEqual(rules(stage.after(2)), []);
  stage.apply();
  deepEqual(rules(stage.after(2)), ["canary-failing", "rejected"]);
});

Deno.test("a failure is recorded when it is seen: clearing changes nothing", () => {
  const stage = probation({ failingPercent: 50, canaryPercent: 50 });
  stage.change(["a"], { failing: ["disk"] });
  deepEqual(rules(stage.after(1)), ["canary-failing"]);
  stage.change(["a"], { failing: [] });
  stage.after(1);
  equal(stage.source.candidate?.canaries[0]?.failure?.rule, "watchdog");
});

Deno.test("as many failing canaries as the limit allows are tolerated, one more rejects", () => {
  const names = ["a", "b", "c", "d"];
  for (const [failing, rule] of [[1, "promoted"], [2, "rejected"]] as const) {
    const stage = new Stage({ canaryPercent: 100, failingPercent: 25 });
    stage.settle(version(1), names);
    stage.versions = [version(1), version(2)];
    stage.after(1);
    stage.apply();
    stage.after(1);
    stage.change(names.slice(0, failing), { ready: false });
    stage.after(1);
    const last = rule === "rejected" ? stage.source.history.at(-1)?.rule : stage.after(600).said.at(-1)?.rule;
    equal(last, rule);
  }
});

Deno.test("a canary that was failing before counts as healthy when it clears for the probation", () => {
  const stage = new Stage();
  stage.settle(version(1), ["only"], { failing: ["disk"] });
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  deepEqual(rules(stage.after(1)), []);
  stage.change(["only"], { failing: [] });
  stage.after(100);
  deepEqual(rules(stage.after(599)), []);
  deepEqual(rules(stage.after(1)), ["promoted"]);
});

Deno.test("a canary that stays as it was counts for neither side: held, until something newer comes", () => {
  const stage = new Stage();
  stage.settle(version(1), ["only"], { crashing: true });
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  const { said } = stage.after(600);
  deepEqual(rules({ said }), ["held"]);
  match(said[0]!.words, /no-verdict: no canary can tell: only: it was failing before and has not cleared/);
  deepEqual(rules(stage.after(6000)), []);
  stage.versions = [version(1), version(2), version(3)];
  deepEqual(rules(stage.after(1)).slice(0, 2), ["superseded", "candidate"]);
  equal(stage.asked("only"), version(3).path);
});

Deno.test("a fault that pods on known good show as well counts for neither side", () => {
  const stage = probation();
  stage.change(["a", "b"], { failing: ["database"] });
  deepEqual(rules(stage.after(1)), []);
  equal(stage.explained.canaries[0]?.words, "pods on known good show what is wrong with it as well");
  stage.change(["a", "b"], { failing: [] });
  stage.after(100);
  deepEqual(rules(stage.after(599)), []);
  deepEqual(rules(stage.after(1)), ["promoted"]);
});

Deno.test("a fault of the canary alone rejects once the others are clear of it", () => {
  const stage = probation();
  stage.change(["a", "b"], { failing: ["database"] });
  stage.after(1);
  stage.change(["b"], { failing: [] });
  deepEqual(rules(stage.after(1)), ["canary-failing", "rejected"]);
});

Deno.test("another fault of a pod on known good excuses nothing", () => {
  const stage = probation();
  stage.change(["b"], { failing: ["disk"] });
  stage.change(["a"], { failing: ["database"] });
  deepEqual(rules(stage.after(1)), ["canary-failing", "rejected"]);
});

Deno.test("failing dependents hold the rollout and tell a person, and do not reject", () => {
  const stage = probation();
  const { now } = stage;
  const user = dataPod("user", { deployments: [], deps: ["maps"], node: "n1", failing: ["search"] });
  stage.add(["user"], user);
  stage.now = now;
  const { said } = stage.after(600);
  deepEqual(rules({ said }), ["held"]);
  equal(said[0]!.words, "dependents: pods that depend on its canaries fail: user");
  equal(stage.explained.is, "held");
  stage.change(["user"], { failing: [] });
  deepEqual(rules(stage.after(1)), ["promoted"]);
});

Deno.test("dependents on other nodes, and those that were failing before, hold nothing", () => {
  const elsewhere = probation();
  elsewhere.add(["user"], { deployments: [], deps: ["maps"], node: "n2", failing: ["search"] });
  deepEqual(rules(elsewhere.after(600)), ["promoted"]);
  const before = new Stage();
  before.add(["user"], { deployments: [], deps: ["maps"], failing: ["search"] });
  before.settle(version(1), ["a", ...others]);
  before.versions = [version(1), version(2)];
  before.after(1);
  before.apply();
  before.after(1);
  deepEqual(rules(before.after(600)), ["promoted"]);
});
