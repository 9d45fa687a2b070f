import { deepEqual, equal } from "node:assert/strict";
import { version } from "./build.ts";
import { Stage } from "./stage.ts";

/** Version 2 is in probation on pod `a` of four, and well. */
function probation(): Stage {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  return stage;
}

const rules = ({ said }: { said: readonly { rule: string }[] }) => said.map(({ rule }) => rule);

Deno.test("restarts of pods on known good at about the same time excuse a canary's, older ones do not", () => {
  for (const [ago, said] of [[60, []], [121, ["canary-failing", "rejected"]]] as const) {
    const stage = probation();
    stage.after(200);
    stage.change(["b"], { restarts: 1, restartedAt: stage.now - ago * 1000 });
    stage.change(["a"], { restarts: 1, restartedAt: stage.now });
    deepEqual(rules(stage.decide()), said);
  }
});

Deno.test("what a candidate did to a pod that was its canary excuses nothing", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  // It applied too late to be judged, and is back.
  stage.after(300);
  stage.after(1);
  deepEqual(stage.canaries, ["b"]);
  stage.change(["a"], { restarts: 1, restartedAt: stage.now });
  stage.apply();
  stage.after(5);
  stage.change(["b"], { restarts: 1, restartedAt: stage.now });
  deepEqual(rules(stage.after(1)), ["canary-failing", "rejected"]);
});

Deno.test("an eviction is excused by pods on known good that fail the same watchdog", () => {
  const stage = probation();
  stage.change(["a", "b"], { failing: ["database"] });
  stage.after(1);
  stage.change(["a"], { evicted: true, terminating: true });
  stage.after(1);
  equal(stage.source.rejected.length, 0);
  equal(stage.source.candidate?.version.version, version(2).version);
});

Deno.test("a pod that is paused on known good shows a common cause as well as any", () => {
  const stage = probation();
  stage.change(["b"], { paused: true, failing: ["database"] });
  stage.change(["a"], { failing: ["database"] });
  deepEqual(rules(stage.after(1)), []);
});
