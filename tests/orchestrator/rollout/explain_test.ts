import { deepEqual, equal } from "node:assert/strict";
import { failed, version } from "./build.ts";
import { Stage } from "./stage.ts";

const names = Array.from({ length: 12 }, (_, n) => `web-${n}`);

Deno.test("who is waited for, and for how long, is told", () => {
  const stage = new Stage();
  stage.settle(version(1), names);
  equal(stage.explained.why[0], "every pod has the known good version 6553f4e8-00000001");
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply([stage.canaries[0]!]);
  stage.says(stage.canaries[1]!, failed(version(2), "network", version(1)));
  stage.after(60);
  deepEqual(stage.explained.canaries.map(({ is, words }) => [is, words]), [
    ["probation", "10 min of its probation are left"],
    ["asked", "it cannot apply it (network: no luck), 4 min left"],
    ["asked", "it has not applied yet, 4 min left"],
  ]);
  equal(
    stage.explained.why[0],
    "candidate 6553f8d0-00000002: waiting for 3 of 3 canary pods: web-0: 10 min of its probation are left",
  );
  deepEqual(stage.explained.have.map(({ version, pods }) => [version?.path, pods]), [
    [version(1).path, 11],
    [version(2).path, 1],
  ]);
});

Deno.test("what a person should know besides is told", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b"]);
  stage.add(["c"], { has: version(1), watched: false, paused: true });
  stage.add(["d"], { otherRepository: true });
  stage.versions = undefined;
  deepEqual(stage.explained.why.slice(1), [
    "the repository cannot be read: no newer version is begun",
    "paused, so never asked: c",
    "of another repository, so not managed: d",
    "without watchdogs, so judged by readiness and restarts: c",
  ]);
});

Deno.test("each standing has its word", () => {
  const stage = new Stage();
  stage.add(["a"], { terminating: true });
  stage.add(["b"]);
  stage.versions = [];
  stage.decide();
  equal(stage.explained.is, "no-version");
  stage.versions = [version(1)];
  stage.decide();
  equal(stage.explained.is, "probation");
  stage.order({ do: "promote" });
  equal(stage.explained.is, "spreading");
  stage.apply();
  equal(stage.explained.is, "steady");
  stage.order({ do: "pause" });
  equal(stage.explained.is, "paused");
  stage.order({ do: "pin", version: version(1) });
  equal(stage.explained.is, "pinned");
  stage.remove("b");
  equal(stage.explained.is, "no-pods");
});
