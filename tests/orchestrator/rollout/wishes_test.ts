import { deepEqual, equal, match } from "node:assert/strict";
import { emptyState } from "../../../lib/orchestrator/rollout/state.ts";
import { granted, versionMeant, type Wish } from "../../../lib/orchestrator/rollout/wishes.ts";
import { noon } from "../build.ts";
import { version } from "./build.ts";
import { Stage } from "./stage.ts";

const names = ["a", "b", "c", "d"];
const asked = (stage: Stage) => names.map((name) => stage.asked(name));
const all = (n: number) => Array(4).fill(version(n).path);

/** Version 2 is known good after 1, and 3 in probation on pod `a`. */
function stage(): Stage {
  const stage = new Stage();
  stage.settle(version(1), names);
  stage.versions = [version(1), version(2)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  stage.after(600);
  stage.apply();
  stage.versions = [version(1), version(2), version(3)];
  stage.after(1);
  stage.apply();
  stage.after(1);
  return stage;
}

function problem(one: Stage, wish: Wish): string {
  const result = one.order(wish);
  return "problem" in result ? result.problem : "granted";
}

Deno.test("pin: everybody gets the version at once, and nothing is begun until unpin", () => {
  const one = stage();
  one.order({ do: "pin", version: version(1) });
  one.after(1);
  deepEqual(asked(one), all(1));
  equal(one.source.candidate, undefined);
  one.after(6000);
  deepEqual(asked(one), all(1));
  one.add(["new"]);
  one.after(1);
  equal(one.asked("new"), version(1).path);
});

Deno.test("unpin: everybody goes back to known good, and the newest is canaried", () => {
  const one = stage();
  one.order({ do: "pin", version: version(1) });
  one.after(1);
  one.order({ do: "unpin" });
  one.after(1);
  deepEqual(asked(one), [version(3).path, ...all(2).slice(1)]);
});

Deno.test("unpin where nothing was known to be good: the pinned version is", () => {
  const one = new Stage();
  one.add(names);
  one.versions = [version(1), version(2)];
  one.decide();
  one.order({ do: "pin", version: version(1) });
  one.after(1);
  one.order({ do: "unpin" });
  equal(one.source.knownGood?.version, version(1).version);
});

Deno.test("reject: the candidate's canaries go back, and it is never asked for until unreject", () => {
  const one = stage();
  one.order({ do: "reject", version: version(3) });
  one.after(1);
  deepEqual(asked(one), all(2));
  equal(one.source.rejected[0]?.by, "person");
  one.after(6000);
  deepEqual(asked(one), all(2));
  one.apply();
  one.order({ do: "unreject", version: version(3) });
  one.after(1);
  deepEqual(asked(one), [version(3).path, ...all(2).slice(1)]);
});

Deno.test("a version that is unrejected before its canary is back goes to nobody else meanwhile", () => {
  const one = stage();
  one.change(["a"], { crashing: true });
  one.after(1);
  one.order({ do: "unreject", version: version(3) });
  one.after(1);
  deepEqual([asked(one), one.canaries], [all(2), []]);
  one.change(["a"], { crashing: false });
  one.apply();
  one.after(1);
  deepEqual(asked(one), [version(3).path, ...all(2).slice(1)]);
});

Deno.test("rollback: everybody goes back to what was known good before, a candidate stays", () => {
  const one = stage();
  one.order({ do: "rollback" });
  one.after(1);
  deepEqual(asked(one), [version(3).path, ...all(1).slice(1)]);
  deepEqual(one.source.rejected.map(({ version }) => version), [version(2).version]);
  match(
    problem(one, { do: "rollback" }),
    /cannot roll back source "maps": nothing was known to be good before/,
  );
});

Deno.test("rejecting known good with nothing before it leaves pods with what they have", () => {
  const one = new Stage();
  one.settle(version(1), names);
  one.order({ do: "reject", version: version(1) });
  equal(one.after(1).requests.length, 0);
  one.versions = [version(1), version(2)];
  one.after(1);
  deepEqual(asked(one), all(2));
});

Deno.test("promote: the candidate is known good at once", () => {
  const one = stage();
  one.order({ do: "promote" });
  one.after(1);
  deepEqual(asked(one), all(3));
  match(problem(one, { do: "promote" }), /there is no candidate/);
});

Deno.test("pause: nothing is begun, judged or put back; a pod without a version gets one; resume goes on", () => {
  const one = stage();
  one.order({ do: "pause" });
  one.add(["new"]);
  one.change(["a"], { crashing: true });
  one.after(6000);
  deepEqual([one.source.candidate?.canaries[0]?.failure?.rule, one.asked("new")], [
    "crashing",
    version(2).path,
  ]);
  equal(one.source.rejected.length, 0);
  one.order({ do: "resume" });
  one.after(1);
  deepEqual(asked(one), all(2));
});

Deno.test("orders that make no sense are refused in words", () => {
  const one = stage();
  match(problem(one, { do: "unpin" }), /nothing is pinned/);
  match(problem(one, { do: "resume" }), /it is not paused/);
  match(problem(one, { do: "unreject", version: version(1) }), /is not rejected/);
  one.order({ do: "reject", version: version(3) });
  match(problem(one, { do: "reject", version: version(3) }), /is rejected already/);
  match(problem(one, { do: "pin", version: version(3) }), /is rejected: unreject it first/);
  one.order({ do: "pin", version: version(1) });
  match(problem(one, { do: "reject", version: version(1) }), /is pinned: unpin it first/);
  match(problem(one, { do: "pin", version: version(1, 5) }), /is pinned already/);
  match(problem(one, { do: "rollback" }), /is pinned/);
  one.order({ do: "pause" });
  match(problem(one, { do: "pause" }), /it is paused already/);
  const none = granted(emptyState, "maps", { do: "pause" }, noon);
  equal(
    "problem" in none && none.problem,
    'no pod was seen that deploys source "maps": is it deployed in this namespace?',
  );
});

Deno.test("what a person said of a rejection stays in the history, also after it was taken back", () => {
  const one = stage();
  one.order({ do: "reject", version: version(3), why: "prices are\nwrong" });
  const words = "a person said so: prices are wrong";
  equal(one.source.rejected[0]!.words, words);
  one.order({ do: "unreject", version: version(3) });
  deepEqual(
    one.source.history.slice(-2).map(({ rule, words }) => [rule, words.split(" ").slice(1).join(" ")]),
    [
      ["rejected", `is never asked for again: ${words}`],
      ["unrejected", "may be asked for again"],
    ],
  );
});

Deno.test("orders are in the history", () => {
  const one = stage();
  for (
    const wish of [{ do: "pin", version: version(1) }, { do: "unpin" }, { do: "pause" }, {
      do: "resume",
    }] as const
  ) one.order(wish);
  deepEqual(one.source.history.slice(-4).map(({ rule }) => rule), [
    "pinned",
    "unpinned",
    "paused",
    "resumed",
  ]);
});

Deno.test("a version is found by its name, its commit or its content", () => {
  const versions = [version(1), version(2), version(18), version(2, 7)];
  equal(versionMeant(version(1).path, versions), versions[0]);
  equal(versionMeant("6553f4e8-00000001", versions), versions[0]);
  equal(versionMeant("00000012", versions), versions[2]);
  // The same content packed twice is one version: the newest packing is meant.
  equal(versionMeant("00000002", versions), versions[3]);
  match(JSON.stringify(versionMeant("0000", versions)), /may be any of 3 versions/);
  match(JSON.stringify(versionMeant("nope", versions)), /no version is called \\"nope\\": the newest are/);
});
