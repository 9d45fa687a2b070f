import { deepEqual, equal, match } from "node:assert/strict";
import { rebuild } from "../../../lib/orchestrator/rollout/decide.ts";
import { emptyState, forgetAfter } from "../../../lib/orchestrator/rollout/state.ts";
import { failed, version } from "./build.ts";
import { Stage } from "./stage.ts";

Deno.test("a lost state is rebuilt from what most pods have, and what is lost is said", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a", "b", "c", "d"]);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.state = emptyState;
  const { said, requests } = stage.after(1);
  match(
    said[0]!.words,
    /nothing was remembered: 6553f4e8-00000001, which 3 deployments of 4 have, counts as known good/,
  );
  deepEqual(said.map(({ rule }) => rule).slice(0, 2), ["rebuilt", "candidate"]);
  // Its canary is its canary still: nobody moves.
  deepEqual([requests.length, stage.canaries], [0, ["a"]]);
});

Deno.test("of two contents that as many pods have the older one is known good", () => {
  const stage = new Stage();
  stage.add(["a"], { has: version(2) });
  stage.add(["b"], { has: version(1) });
  stage.versions = [version(1), version(2)];
  equal(
    rebuild(stage.model, stage.limits, stage.now).state.sources.get("maps")?.knownGood?.version,
    version(1).version,
  );
});

Deno.test("what is in place counts while something else is applied, and requests where no status can be read", () => {
  const stage = new Stage();
  stage.add(["a"], { has: failed(version(2), "network", version(1)) });
  stage.versions = [version(1), version(2)];
  stage.decide();
  equal(stage.source.knownGood?.version, version(1).version);
  const asked = new Stage();
  asked.add(["a", "b"], { asked: version(1) });
  asked.versions = [version(1), version(2)];
  asked.decide();
  equal(asked.source.knownGood?.version, version(1).version);
});

Deno.test("a source that no pod has for 30 days is forgotten, and that is said", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a"]);
  stage.remove("a");
  stage.after(1);
  equal(stage.after(forgetAfter / 1000 - 1).said.length, 0);
  deepEqual(stage.after(1).said.map(({ rule }) => rule), ["forgotten"]);
  equal(stage.state.sources.size, 0);
});

Deno.test("a source that vanished from the catalogue keeps its known good version", () => {
  const stage = new Stage();
  stage.settle(version(1), ["a"]);
  stage.versions = [];
  stage.add(["b"]);
  stage.after(1);
  equal(stage.asked("b"), version(1).path);
});
