import { deepEqual, equal } from "node:assert/strict";
import { applied, version } from "./build.ts";
import { Stage } from "./stage.ts";

const names = ["a", "b", "c", "d"];

function settled(): Stage {
  const stage = new Stage();
  stage.settle(version(1), names);
  return stage;
}

const asks = ({ requests }: ReturnType<Stage["decide"]>) =>
  requests.map(({ pod, version, why }) => `${pod.name} ${version.path} ${why.rule}`);

Deno.test("nobody is asked again for what he carries", () => {
  const stage = settled();
  equal(stage.decide().requests.length, 0);
  equal(stage.decide().state, stage.state);
});

Deno.test("a request that was forged is overwritten", () => {
  const stage = settled();
  stage.change(["b"], { requests: new Map([["maps", version(66)]]) });
  const decision = stage.after(1);
  deepEqual(asks(decision), [`b ${version(1).path} overwritten`]);
  equal(decision.requests[0]?.why.words.startsWith("its request for"), true);
});

Deno.test("a request that cannot be read is overwritten", () => {
  const stage = settled();
  stage.change(["b"], { requests: new Map([["maps", { problem: "is not base64 of JSON" }]]) });
  const { requests } = stage.after(1);
  equal(
    requests[0]?.why.words,
    `its request is not base64 of JSON: it gets the known good 6553f4e8-00000001`,
  );
});

Deno.test("a request of known content under a digest that the repository does not have is overwritten", () => {
  const stage = settled();
  stage.add(["new"], { asked: { ...version(1), digest: version(66).digest }, ready: false });
  deepEqual(asks(stage.after(1)), [`new ${version(1).path} known-good`]);
});

Deno.test("a canary's request copied with its template makes no second canary", () => {
  const stage = settled();
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.add(["copy"], { asked: version(2), ready: false });
  deepEqual(asks(stage.after(1)), [`copy ${version(1).path} overwritten`]);
  deepEqual(stage.canaries, ["a"]);
});

Deno.test("a canary that was made to apply something else is asked again, and judged anew", () => {
  const stage = settled();
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(300);
  stage.says("a", applied(version(1)));
  stage.after(1);
  equal(stage.source.candidate?.canaries[0]?.appliedAt, undefined);
  stage.apply();
  stage.after(1);
  equal(stage.after(599).said.length, 0);
});

Deno.test("paused pods, pods of a paused namespace and pods of another repository are never asked", () => {
  const stage = settled();
  stage.add(["paused"], { paused: true });
  stage.add(["elsewhere"], { otherRepository: true });
  equal(stage.after(1).requests.length, 0);
  stage.add(["new"]);
  stage.paused = true;
  equal(stage.after(1).requests.length, 0);
  stage.paused = false;
  deepEqual(asks(stage.after(1)), [`new ${version(1).path} known-good`]);
});

Deno.test("pods on their way out are not asked", () => {
  const stage = settled();
  stage.add(["ending"], { terminating: true });
  stage.add(["done"], { finished: true });
  equal(stage.after(1).requests.length, 0);
});

Deno.test("a request for a name that the pod does not deploy is left alone", () => {
  const stage = settled();
  stage.change(["a"], { requests: new Map([...stage.pod("a").requests, ["other", version(66)]]) });
  equal(stage.after(1).requests.length, 0);
});

Deno.test("a pod at work on an older packing is left to it while the repository has that one", () => {
  const stage = settled();
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.says("a", { ...version(2), state: "downloading", message: "", live: version(1) });
  stage.versions = [version(1), version(2), version(2, 7)];
  equal(stage.after(1).requests.length, 0);
  stage.versions = [version(1), version(2, 7)];
  deepEqual(asks(stage.after(1)), [`a ${version(2, 7).path} canary`]);
});
