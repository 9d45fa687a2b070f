import { deepEqual, equal, ok } from "node:assert/strict";
import type { DataStatus } from "../../../lib/contract/data_version.ts";
import { parseKept } from "../../../lib/contract/data_catalogue.ts";
import { byteLength } from "../../../lib/contract/text.ts";
import { dueIn } from "../../../lib/orchestrator/rollout/due.ts";
import type { DataPod, RolloutModel } from "../../../lib/orchestrator/rollout/model.ts";
import { catalogueIn, goingIn, notesOf, sameNotes } from "../../../lib/orchestrator/rollout/notes.ts";
import { emptySource, type RolloutState, type SourceState } from "../../../lib/orchestrator/rollout/state.ts";
import { version } from "../../support/data_version.ts";
import { limits } from "./orchestrator_process.ts";

const going = { ...limits, repositoryUrl: "http://datarepo" };

function stateOf(source: Partial<SourceState>, names = ["config"]): RolloutState {
  return { sources: new Map(names.map((name) => [name, { ...emptySource, ...source }])) };
}

/** A model whose pods have these versions in place. */
function modelOf(numbers: readonly number[], changes: Partial<RolloutModel> = {}): RolloutModel {
  const pods = numbers.map((n) => ({
    deployments: [{ name: "config", source: "config" }],
    statuses: new Map<string, DataStatus>([["config", { ...version(n), state: "applied", message: "" }]]),
  } as unknown as DataPod));
  return { namespace: "shop", paused: false, pods, gone: [], catalogue: undefined, ...changes };
}

Deno.test("the repository keeps what the state names and what pods have, each once", () => {
  const state = stateOf({ knownGood: version(2), previous: version(1) });
  const kept = parseKept(notesOf(state, modelOf([2, 5, 5]), going).kept!)!;
  deepEqual(kept.get("config")!.map(({ time }) => time), [2, 1, 5]);
});

Deno.test("what pods say they have cannot fill the ConfigMap: what most have is kept", () => {
  const many = Array.from({ length: 5_000 }, (_, n) => n + 100);
  const kept = parseKept(notesOf(stateOf({}), modelOf([7, 7, ...many]), going).kept!)!.get("config")!;
  equal(kept.length, 20);
  ok(kept.some(({ time }) => time === 7));
});

Deno.test("notes do not change with the order in which pods are seen", () => {
  const [a, b] = [[3, 9, 5], [5, 3, 9]].map((numbers) => notesOf(stateOf({}), modelOf(numbers), going));
  ok(sameNotes(a!, b!));
});

Deno.test("the catalogue's excerpt has the newest versions of the namespace's sources, as many as fit", () => {
  const versions = Array.from({ length: 30 }, (_, n) => version(n + 1));
  const catalogue = new Map([["config", { versions }], ["other", { versions }]]);
  const told = catalogueIn(notesOf(stateOf({}), modelOf([], { catalogue }), going))!;
  deepEqual([...told.keys()], ["config"]);
  deepEqual(told.get("config")!.versions.map(({ time }) => time).slice(0, 2), [21, 22]);
  const names = Array.from({ length: 200 }, (_, n) => `source-${n}`);
  const all = new Map(names.map((name) => [name, { versions }]));
  const text = notesOf(stateOf({}, names), modelOf([], { catalogue: all }), going).catalogue!;
  ok(byteLength(text) <= 100_000);
  equal(notesOf(stateOf({}), modelOf([]), going).catalogue, undefined);
});

Deno.test("what is decided by is read as it was written, and nonsense is nothing", () => {
  const notes = notesOf(stateOf({}), modelOf([]), going);
  deepEqual(goingIn(notes), going);
  equal(goingIn({ ...notes, settings: "{" }), undefined);
  equal(goingIn({ ...notes, settings: undefined }), undefined);
});

Deno.test("a rollout is looked at when a probation or a deadline ends, and now and then in any case", () => {
  const now = 1_000_000;
  equal(dueIn(stateOf({}), limits, now), 60_000);
  const canary = { uid: "a", name: "a", requestedAt: now - 1_000, wasReady: true, restarts: 0 };
  const candidate = (appliedAt: number) => ({
    candidate: {
      version: version(2),
      since: now - 1_000,
      tryingSince: now - 1_000,
      canaries: [{ ...canary, appliedAt }],
    },
  } as unknown as Partial<SourceState>);
  equal(dueIn(stateOf(candidate(now - limits.probation + 700)), limits, now), 700);
  equal(dueIn(stateOf(candidate(now)), limits, now), 5_000);
});
