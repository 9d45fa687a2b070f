import { deepEqual, equal } from "node:assert/strict";
import { failed, version } from "./build.ts";
import { Stage } from "./stage.ts";

const many = (count: number, prefix = "p") => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** A stage whose pods have version 1, and version 2 was pushed. */
function pushed(stage: Stage): Stage {
  stage.versions = [version(1), version(2)];
  stage.after(1);
  return stage;
}

for (
  const [pods, percent, canaries] of [[1, 25, 1], [3, 25, 1], [7, 25, 1], [8, 25, 2], [11, 50, 5], [
    9,
    100,
    9,
  ]] as const
) {
  Deno.test(`of ${pods} pods ${percent} % are ${canaries}`, () => {
    const stage = new Stage({ canaryPercent: percent });
    stage.settle(version(1), many(pods));
    equal(pushed(stage).canaries.length, canaries);
  });
}

Deno.test("one pod alone is its own canary", () => {
  const stage = new Stage();
  stage.settle(version(1), ["only"]);
  deepEqual(pushed(stage).canaries, ["only"]);
});

Deno.test("canaries are spread over as many workloads as their number allows", () => {
  const stage = new Stage();
  stage.settle(version(1), many(8, "web-"));
  stage.add(many(4, "api-"), { workload: "api", has: version(1) });
  stage.add(many(4, "job-"), { workload: "job", has: version(1) });
  stage.decide();
  const groups = Map.groupBy(pushed(stage).canaries, (name) => name.split("-")[0]);
  deepEqual([...groups.values()].map(({ length }) => length).sort(), [1, 1, 2]);
});

Deno.test("a failing pod becomes a canary only where no healthy one is left", () => {
  const stage = new Stage({ canaryPercent: 50 });
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.change(["a"], { crashing: true });
  stage.change(["b"], { failing: ["disk"] });
  deepEqual(pushed(stage).canaries, ["c", "d"]);
  const worse = new Stage({ canaryPercent: 50 });
  worse.settle(version(1), ["a", "b", "c", "d"]);
  worse.change(["a", "b", "c"], { ready: false });
  deepEqual(pushed(worse).canaries, ["d", "a"]);
});

Deno.test("a pod that restarted lately counts among the failing ones", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b"]);
  stage.change(["a"], { restartedAt: stage.now - 60_000 });
  deepEqual(pushed(stage).canaries, ["b"]);
});

Deno.test("paused pods are neither chosen nor counted", () => {
  const stage = new Stage();
  stage.settle(version(1), many(8));
  stage.change(["p0", "p1"], { paused: true });
  deepEqual(pushed(stage).canaries, ["p2"]);
});

Deno.test("a canary whose pod goes is replaced by one with its own probation", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  pushed(stage);
  stage.apply();
  stage.after(1);
  stage.remove("a");
  stage.after(599);
  deepEqual(stage.canaries, ["b"]);
  stage.apply();
  stage.decide();
  equal(stage.after(599).said.length, 0);
  equal(stage.after(1).said[0]?.rule, "promoted");
});

for (const fault of ["network", "disk", "repository"] as const) {
  Deno.test(`a ${fault} fault rejects nothing: past the deadline another canary is chosen, never a second one`, () => {
    const stage = new Stage();
    stage.settle(version(1), ["a", "b", "c", "d"]);
    pushed(stage);
    stage.says("a", failed(version(2), fault, version(1)));
    equal(stage.after(299).said.length, 0);
    const { said, requests } = stage.after(1);
    deepEqual(said.map(({ rule }) => rule), ["canary-replaced"]);
    deepEqual(requests.map(({ pod, version }) => [pod.name, version.path]), [["a", version(1).path]]);
    stage.decide();
    deepEqual([stage.asked("a"), stage.asked("b")], [version(1).path, version(2).path]);
    equal(stage.source.rejected.length, 0);
  });
}

Deno.test("a pod that can apply nothing starves no version, however often one is pushed", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  let pushes = 1;
  for (let minute = 0; minute < 60; minute++) {
    stage.versions = [...stage.versions!.slice(-5), version(++pushes)];
    for (let n = 0; n < 6; n++) {
      stage.after(10);
      stage.apply(["b", "c", "d"]);
    }
  }
  equal(stage.source.history.filter(({ rule }) => rule === "promoted").length > 2, true);
});

Deno.test("the next canary is asked only when the late one carries its way back", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  pushed(stage);
  stage.after(300);
  // The write that puts it back was refused.
  stage.change(["a"], { requests: new Map([["maps", version(2)]]) });
  deepEqual(stage.decide().requests.map(({ pod }) => pod.name), ["a"]);
  equal(stage.canaries.length, 0);
  stage.decide();
  deepEqual(stage.canaries, ["b"]);
});

Deno.test("a canary that can neither be judged nor be put back in time holds nobody up", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b"]);
  stage.change(["a", "b"], { failing: ["disk"] });
  pushed(stage);
  stage.apply();
  stage.after(1);
  stage.change(["b"], { failing: [] });
  // It stays ill for its whole probation, and its deployer cannot go back.
  stage.after(600);
  stage.says("a", failed(version(1), "disk", version(2)));
  stage.after(299);
  deepEqual(stage.canaries, []);
  stage.after(1);
  deepEqual(stage.canaries, ["b"]);
});

Deno.test("where nobody can take its turn a late canary stays", () => {
  const stage = new Stage();
  stage.settle(version(1), ["only"]);
  pushed(stage);
  const { said } = stage.after(300);
  deepEqual(said.map(({ rule }) => rule), ["held"]);
  deepEqual(stage.canaries, ["only"]);
});

Deno.test("of 10,000 pods 500 are canaries: more would not fit into the state", () => {
  const stage = new Stage();
  stage.settle(version(1), many(10_000));
  equal(pushed(stage).canaries.length, 500);
});
