import { deepEqual, equal } from "node:assert/strict";
import { managedSources, roomFor } from "../../../lib/orchestrator/rollout/managed.ts";
import {
  emptySource,
  emptyState,
  maxCanaries,
  maxSources,
  type RolloutState,
  type SourceState,
} from "../../../lib/orchestrator/rollout/state.ts";
import { noon, podUid } from "../build.ts";
import { content, dataPod, version } from "./build.ts";
import { Stage } from "./stage.ts";

/** `prefix-000` and so on. */
function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${`${n}`.padStart(3, "0")}`);
}

function stateOf(sources: Iterable<readonly [string, Partial<SourceState>]>): RolloutState {
  return { sources: new Map([...sources].map(([name, one]) => [name, { ...emptySource, ...one }])) };
}

const rejection = { version: content(1), path: version(1).path, at: noon, by: "verdict", words: "" } as const;

Deno.test("of too many sources the first by name are managed, and the others named", () => {
  const deployed = names("s", maxSources + 2);
  const { names: managed, unmanaged, forgotten } = managedSources(emptyState, deployed);
  deepEqual([managed, unmanaged, forgotten], [
    deployed.slice(0, maxSources),
    deployed.slice(maxSources),
    [],
  ]);
});

Deno.test("who is known keeps its place whatever names others come with", () => {
  const known = names("z", maxSources);
  const state = stateOf(known.map((name) => [name, {}]));
  const { names: managed, unmanaged } = managedSources(state, ["a", ...known]);
  deepEqual([managed, unmanaged], [known, ["a"]]);
});

Deno.test("sources without pods make room, the longest unseen first, but none that holds a person's or a verdict's word", () => {
  const held = [
    ["pinned", { pin: { version: version(1), at: noon } }],
    ["rejected", { rejected: [rejection] }],
    ["paused", { pausedAt: noon }],
  ] as const;
  const unseen = names("u", maxSources - 3).map((name, n) => [name, { unseenSince: noon + n }] as const);
  const state = stateOf([
    ...held.map(([name, one]) => [name, { ...one, unseenSince: 0 }] as const),
    ...unseen,
  ]);
  deepEqual(managedSources(state, []).forgotten, []);
  const { names: managed, unmanaged, forgotten } = managedSources(state, ["new-1", "new-2"]);
  deepEqual([managed.length, unmanaged, forgotten], [maxSources, [], ["u-000", "u-001"]]);
  const all = managedSources(state, names("new", maxSources));
  deepEqual([all.unmanaged.length, all.forgotten.length], [3, maxSources - 3]);
  deepEqual(all.names.slice(-3), ["paused", "pinned", "rejected"]);
});

Deno.test("names that come and go for days never make the state grow, and what is forgotten is said", () => {
  const stage = new Stage();
  stage.settle(version(1), ["steady"]);
  let forgotten = 0;
  for (let hour = 0; hour < 20; hour++) {
    const pods = names(`h${hour}`, 20).map((name) =>
      dataPod(name, { deployments: [{ name: "d", source: name }] })
    );
    for (const { name, deployments } of pods) stage.add([name], { deployments });
    const { said } = stage.after(3600);
    forgotten += said.filter(({ rule }) => rule === "forgotten").length;
    for (const { name } of pods) stage.remove(name);
    equal(stage.state.sources.size <= maxSources, true, `${stage.state.sources.size} sources`);
  }
  equal(stage.state.sources.size, maxSources);
  equal(forgotten, 20 * 20 + 1 - maxSources);
  deepEqual(stage.source.knownGood, version(1));
});

Deno.test("a source without room is asked for nothing, and people see why", () => {
  const stage = new Stage();
  for (const name of names("a", maxSources)) {
    stage.add([name], { deployments: [{ name: "d", source: name }] });
  }
  stage.settle(version(1), ["one"]);
  deepEqual(stage.decide().unmanaged, ["maps"]);
  deepEqual([stage.explained.is, stage.explained.why], ["unmanaged", [
    `not managed: a namespace has room for ${maxSources} sources of data, and this one came later`,
  ]]);
});

Deno.test("sources share what is remembered of pods, and none is left without a canary", () => {
  const canary = (n: number) => ({
    uid: podUid(`${n}`),
    name: `${n}`,
    requestedAt: noon,
    wasReady: true,
    restarts: 0,
  });
  const candidate = {
    version: version(2),
    since: noon,
    tryingSince: noon,
    toAll: false,
    share: maxCanaries,
    before: [],
    applied: false,
    canaries: Array.from({ length: maxCanaries }, (_, n) => canary(n)),
    late: [],
  };
  const returning = [{ uid: podUid("a"), from: content(1), since: noon }, {
    uid: podUid("b"),
    from: content(1),
    since: noon,
    doneAt: noon,
  }];
  const { sources } = stateOf([["big", { candidate, returning }], ["small", {}]]);
  deepEqual(roomFor("small", sources, 2), { canaries: 1, returning: 299, late: 200 });
  deepEqual(roomFor("big", sources, 2), { canaries: maxCanaries / 2, returning: 300, late: 200 });
});
