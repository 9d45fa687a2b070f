import { deepEqual, equal } from "node:assert/strict";
import { applied, failed, plain, version } from "./build.ts";
import { Stage } from "./stage.ts";

const paths = (stage: Stage, ...names: string[]) => names.map((name) => stage.asked(name));

Deno.test("a source's first version goes to everyone, and is known good when its pods were well for the probation", () => {
  const stage = new Stage();
  stage.add(["a", "b", "c", "d"], { ready: false });
  stage.versions = [version(1)];
  const { said } = stage.decide();
  deepEqual(paths(stage, "a", "b", "c", "d"), Array(4).fill(version(1).path));
  equal(said[0]?.rule, "first-version");
  stage.apply();
  stage.change(["a", "b", "c", "d"], { ready: true });
  stage.after(1);
  equal(stage.after(599).said.length, 0);
  deepEqual(stage.after(1).said.map(({ rule }) => rule), ["promoted"]);
  equal(stage.source.knownGood?.version, version(1).version);
});

Deno.test("a pod that starts with its first version has the apply deadline to become Ready", () => {
  const stage = new Stage();
  stage.add(["a"], { ready: false });
  stage.versions = [version(1)];
  stage.decide();
  stage.apply();
  stage.decide();
  equal(stage.after(299).said.length, 0);
  equal(stage.after(1).said.find(({ rule }) => rule === "canary-failing")?.words, "a: it is not Ready");
});

Deno.test("a bad first version leaves pods with what they have, and the next one goes to everyone", () => {
  const stage = new Stage();
  stage.add(["a", "b"]);
  stage.versions = [version(1)];
  stage.decide();
  stage.apply();
  stage.decide();
  stage.change(["a"], { crashing: true });
  const { said, requests } = stage.after(5);
  deepEqual(said.map(({ rule }) => rule), ["canary-failing", "rejected"]);
  equal(requests.length, 0);
  stage.change(["a"], { crashing: false });
  stage.versions = [version(1), version(2)];
  stage.after(5);
  deepEqual(paths(stage, "a", "b"), Array(2).fill(version(2).path));
});

Deno.test("a pod with no version gets known good at once, also while a candidate is judged", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(5);
  stage.add(["new"], { ready: false });
  const { requests } = stage.after(5);
  deepEqual(requests.map(({ pod, version, why }) => [pod.name, version.path, why.rule]), [
    ["new", version(1).path, "known-good"],
  ]);
});

Deno.test("a pod that comes while the first version is judged gets it too", () => {
  const stage = new Stage();
  stage.add(["a"]);
  stage.versions = [version(1)];
  stage.decide();
  stage.add(["b"]);
  stage.after(5);
  equal(stage.asked("b"), version(1).path);
});

Deno.test("where the repository cannot be read nothing is begun", () => {
  const stage = new Stage();
  stage.add(["a"]);
  stage.versions = undefined;
  equal(stage.decide().requests.length, 0);
  equal(stage.explained.why[0], "the repository cannot be read, and nothing is known to be good");
});

Deno.test("one pod that cannot apply the first version does not keep the others' from being known good", () => {
  const stage = new Stage();
  stage.add(["a", "b"]);
  stage.versions = [version(1)];
  stage.decide();
  stage.apply(["a"]);
  stage.says("b", failed(version(1), "disk"));
  stage.decide();
  equal(stage.after(600).said[0]?.rule, "promoted");
});

Deno.test("each name under which a pod deploys a source is asked for, and all must apply", () => {
  const stage = new Stage();
  const deployments = ["left", "right"].map((name) => ({ name, source: "maps" }));
  stage.add(["a"], { deployments });
  stage.versions = [version(1)];
  deepEqual(stage.decide().requests.map(({ name }) => name), ["left", "right"]);
  stage.change(["a"], { statuses: new Map([["left", applied(plain(version(1)))]]) });
  stage.decide();
  equal(stage.source.candidate?.canaries[0]?.appliedAt, undefined);
});
