import { deepEqual, equal } from "node:assert/strict";
import { applied, plain, version } from "./build.ts";
import { Stage } from "./stage.ts";

const names = ["a", "b", "c", "d"];
const rules = ({ said }: { said: readonly { rule: string }[] }) => said.map(({ rule }) => rule);

/** Version 2 is in probation on pod `a`. */
function probation(): Stage {
  const stage = new Stage();
  stage.settle(version(1), names);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  return stage;
}

Deno.test("a candidate in probation is judged to the end; of what is pushed meanwhile only the newest follows", () => {
  const stage = probation();
  for (const n of [3, 4, 5]) {
    stage.versions = [...stage.versions!, version(n)];
    deepEqual(rules(stage.after(60)), []);
  }
  equal(stage.source.waiting?.version, version(5).version);
  deepEqual(rules(stage.after(420)).slice(0, 2), ["promoted", "candidate"]);
  equal(stage.source.knownGood?.version, version(2).version);
  equal(stage.source.candidate?.version.version, version(5).version);
});

Deno.test("a version that nobody has applied yet makes way for the newest at once, on the same canary", () => {
  const stage = new Stage();
  stage.settle(version(1), names);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.versions = [version(1), version(2), version(3)];
  deepEqual(rules(stage.after(5)).slice(0, 2), ["superseded", "candidate"]);
  deepEqual(
    names.map((name) => stage.asked(name)),
    [version(3), version(1), version(1), version(1)].map(({ path }) => path),
  );
});

Deno.test("what waits is canaried as soon as the candidate is rejected", () => {
  const stage = probation();
  stage.versions = [...stage.versions!, version(3)];
  stage.after(1);
  stage.change(["a"], { crashing: true });
  deepEqual(rules(stage.after(1)).slice(0, 3), ["canary-failing", "rejected", "candidate"]);
  stage.decide();
  equal(stage.canaries.includes("a"), false);
});

Deno.test("the same content packed again is the same version, and nobody is asked for it anew", () => {
  const stage = probation();
  stage.versions = [...stage.versions!, version(2, 7)];
  const { said, requests } = stage.after(1);
  deepEqual([said.length, requests.length], [0, 0]);
  equal(stage.source.candidate?.version.digest, version(2, 7).digest);
  stage.after(600);
  equal(stage.source.knownGood?.digest, version(2, 7).digest);
  equal(stage.asked("b"), version(2, 7).path);
  equal(stage.asked("a"), version(2).path);
});

Deno.test("a request is rewritten where the repository has its packing no longer and the pod has not applied it", () => {
  const stage = probation();
  stage.after(600);
  stage.versions = [version(2, 7)];
  const { requests } = stage.after(1);
  deepEqual(requests.map(({ pod }) => pod.name), ["b", "c", "d"]);
  stage.apply();
  stage.versions = [version(2, 8)];
  equal(stage.after(1).requests.length, 0);
});

Deno.test("going back to the known good content withdraws a candidate that nobody has applied", () => {
  const stage = new Stage();
  stage.settle(version(1), names);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.versions = [version(1), version(2), version(1, 5)];
  deepEqual(rules(stage.after(1)), ["superseded"]);
  equal(stage.source.candidate, undefined);
  equal(stage.asked("a"), version(1, 5).path);
});

Deno.test("a rejected content comes back under no name", () => {
  const stage = probation();
  stage.change(["a"], { crashing: true });
  stage.after(1);
  stage.change(["a"], { crashing: false });
  stage.versions = [...stage.versions!, version(2, 3)];
  deepEqual(rules(stage.after(1)), []);
  equal(stage.source.candidate, undefined);
});

Deno.test("two sources of one pod are judged apart", () => {
  const stage = new Stage();
  const deployments = ["maps", "fonts"].map((name) => ({ name, source: name }));
  stage.add(names, {
    deployments,
    requests: new Map(deployments.map(({ name }) => [name, plain(version(1))])),
    statuses: new Map(deployments.map(({ name }) => [name, applied(version(1))])),
  });
  stage.versions = [version(1), version(2)];
  stage.decide();
  equal(stage.state.sources.get("maps")?.candidate?.version.version, version(2).version);
  equal(stage.state.sources.get("fonts")?.candidate, undefined);
  equal(stage.state.sources.get("fonts")?.knownGood?.version, version(1).version);
});
