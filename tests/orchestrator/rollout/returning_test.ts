import { deepEqual, equal } from "node:assert/strict";
import { putBack, putBackOf } from "../../../lib/orchestrator/rollout/returning.ts";
import { maxReturning } from "../../../lib/orchestrator/rollout/state.ts";
import { podUid } from "../build.ts";
import { applied, version } from "./build.ts";
import { Stage } from "./stage.ts";

/** Pod `a` of four has applied version 2 as its canary and fails a watchdog; version 2 is rejected. */
function failed(limits: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = new Stage(limits);
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  stage.change(["a"], { failing: ["disk"] });
  stage.after(1);
  return stage;
}

Deno.test("a pod that fails in its probation is not evicted until it is back, and its strikes start again then", () => {
  const stage = failed();
  const uid = stage.pod("a").uid;
  equal(stage.asked("a"), version(1).path);
  deepEqual(putBackOf(stage.state, uid), {
    source: "maps",
    holds: true,
    strikesFrom: stage.now,
    words: "its data maps is being put back to the last known good version",
  });
  stage.says("a", { ...version(1), state: "downloading", message: "", live: version(2) });
  stage.after(20);
  equal(putBackOf(stage.state, uid)?.holds, true);
  stage.says("a", applied(version(1)));
  stage.after(20);
  equal(putBackOf(stage.state, uid)?.holds, false);
  equal(putBackOf(stage.state, uid)?.strikesFrom, stage.now);
});

Deno.test("it is put back also where the limit tolerates its failure", () => {
  const stage = failed({ canaryPercent: 100, failingPercent: 50 });
  equal(stage.source.candidate?.version.version, version(2).version);
  deepEqual(["a", "b"].map((name) => stage.asked(name)), [version(1).path, version(2).path]);
  equal(putBackOf(stage.state, stage.pod("a").uid)?.holds, true);
});

Deno.test("a pod that cannot be put back within the apply deadline may be evicted", () => {
  const stage = failed();
  stage.after(299);
  equal(putBackOf(stage.state, stage.pod("a").uid)?.holds, true);
  stage.after(1);
  equal(putBackOf(stage.state, stage.pod("a").uid)?.holds, false);
});

Deno.test("nothing is known of other pods, and of this one after an hour", () => {
  const stage = failed();
  equal(putBackOf(stage.state, stage.pod("b").uid), undefined);
  stage.says("a", applied(version(1)));
  stage.after(1);
  stage.after(3600);
  equal(putBackOf(stage.state, stage.pod("a").uid), undefined);
});

Deno.test("with nothing known to be good nobody is put back, and nothing holds an eviction", () => {
  const stage = new Stage();
  stage.add(["a"]);
  stage.versions = [version(1)];
  stage.decide();
  stage.apply();
  stage.decide();
  stage.change(["a"], { crashing: true });
  stage.after(1);
  equal(putBackOf(stage.state, stage.pod("a").uid), undefined);
});

Deno.test("where more pods are put back than can be remembered, each look leaves it at the same ones", () => {
  const stage = new Stage({ canaryPercent: 100, failingPercent: 99 });
  const names = Array.from({ length: 400 }, (_, n) => `p-${`${n}`.padStart(3, "0")}`);
  stage.settle(version(1), names);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  stage.change(names.slice(0, 390), { failing: ["disk"] });
  stage.after(1);
  equal(stage.source.returning.length, maxReturning);
  const { state } = stage;
  stage.decide();
  equal(stage.state, state);
});

Deno.test("returns that are over make room for those that begin", () => {
  const stage = failed();
  const { returning } = stage.source;
  const over = Array.from({ length: maxReturning }, (_, n) => ({
    ...returning[0]!,
    uid: podUid(`${n}`),
    doneAt: n,
  }));
  const canary = {
    uid: podUid("new"),
    name: "new",
    requestedAt: 0,
    appliedAt: 0,
    wasReady: true,
    restarts: 0,
  };
  const room = { canaries: 1, returning: maxReturning, late: 1 };
  const after = putBack({ ...stage.source, returning: over }, [canary], version(3).version, {
    now: stage.now,
    room,
  });
  deepEqual([after.returning.length, after.returning.at(-1)?.uid, after.returning[0]?.doneAt], [
    maxReturning,
    canary.uid,
    1,
  ]);
});
