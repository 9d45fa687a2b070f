import { deepEqual, equal } from "node:assert/strict";
import { version } from "./build.ts";
import { Stage } from "./stage.ts";

/** Version 2 is in probation on pod `a` since a while. */
function probation(): Stage {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  return stage;
}

Deno.test("a clock that is set back prolongs a probation, and shortens none", () => {
  const stage = probation();
  stage.after(500);
  stage.now -= 7_200_000;
  stage.decide();
  equal(stage.after(599).said.length, 0);
  deepEqual(stage.after(1).said[0]?.rule, "promoted");
});

Deno.test("a deadline does not wait for a clock that was set back", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.now -= 7_200_000;
  stage.decide();
  deepEqual(stage.after(300).said.map(({ rule }) => rule), ["canary-replaced"]);
});
