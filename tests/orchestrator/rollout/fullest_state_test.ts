import { ok } from "node:assert/strict";
import { formatPath } from "../../../lib/contract/data_version.ts";
import type { DataStatus, DataVersion } from "../../../lib/contract/data_version.ts";
import { byteLength } from "../../../lib/contract/text.ts";
import { notesOf } from "../../../lib/orchestrator/rollout/notes.ts";
import {
  maxBefore,
  maxCanaries,
  maxHistory,
  maxLate,
  maxRejected,
  maxReturning,
  maxSources,
  type SourceState,
} from "../../../lib/orchestrator/rollout/state.ts";
import { formatState, maxStateBytes, parseState } from "../../../lib/orchestrator/rollout/state_text.ts";
import { noon, podUid } from "../build.ts";
import { content, dataPod, hex, rolloutLimits, rolloutModel, version } from "./build.ts";

/** Most bytes of all of a ConfigMap's data (Kubernetes' limit). */
const maxConfigMapBytes = 1_048_576;

/** Text may take twice its length in JSON. */
const words = (bytes: number) => '"'.repeat(bytes);

const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** Names that are as long as they may be. */
const long = (n: number): DataVersion => ({ ...version(n), path: formatPath(0xfffffffffff, hex(n)) });

const uid = (n: number) => podUid(`${n}`.padStart(36, "0"));

/** A source that holds all that it may while every other one does: its part of what they share, and one. */
function fullest(first: number): SourceState {
  const part = (most: number) => most / maxSources + 1;
  return {
    knownGood: long(first),
    previous: long(first + 1),
    waiting: long(first + 2),
    pausedAt: noon,
    unseenSince: noon,
    rejected: many(maxRejected, (n) => ({
      version: content(n),
      path: long(n).path,
      at: noon,
      by: "verdict",
      words: words(300),
    })),
    returning: many(part(maxReturning), (n) => ({ uid: uid(n), from: content(5), since: noon })),
    history: many(maxHistory, () => ({ at: noon, rule: "canaries-chosen", words: words(300) })),
    candidate: {
      version: long(first + 3),
      since: noon,
      tryingSince: noon,
      toAll: false,
      share: maxCanaries,
      before: many(maxBefore, content),
      applied: false,
      late: many(part(maxLate), (n) => ({ uid: uid(n), at: noon })),
      held: "common-cause",
      canaries: many(part(maxCanaries), (n) => ({
        uid: uid(n),
        name: "n".repeat(253),
        requestedAt: noon,
        clearAt: noon,
        dependentsIll: true,
        wasReady: false,
        restarts: 1_000_000,
        appliedAt: noon,
        failure: { rule: "crashing", words: words(200), at: noon },
      })),
    },
  };
}

const names = many(maxSources, (n) => `${n}`.padStart(63, "s"));
const state = { sources: new Map(names.map((name, n) => [name, fullest(10 * n)])) };

Deno.test("the fullest state of the most sources is written, and keeps what is known good and the last rejections", () => {
  const text = formatState(state);
  ok(byteLength(text) <= maxStateBytes, `${byteLength(text)} bytes`);
  const read = parseState(text);
  ok(!("problem" in read));
  for (const [name, { knownGood, candidate, rejected, returning }] of read.sources) {
    const before = state.sources.get(name)!;
    ok(knownGood?.path === before.knownGood?.path);
    ok(candidate?.canaries.length === before.candidate?.canaries.length);
    ok(rejected.length >= 2 && returning.length === before.returning.length);
  }
});

Deno.test("it fits into a ConfigMap with what the repository must keep and the catalogue's excerpt", () => {
  const pods = many(5_000, (n) => {
    const source = names[n % maxSources]!;
    const status: DataStatus = { ...long(2_000 + n), state: "applied", message: "" };
    return dataPod(`p-${n}`, {
      deployments: [{ name: "d", source }],
      statuses: new Map([["d", status]]),
    });
  });
  const catalogue = new Map(names.map((name) => [name, { versions: many(20, long) }]));
  const model = rolloutModel(pods, [], { catalogue });
  const notes = notesOf(state, model, { ...rolloutLimits, repositoryUrl: "http://datarepo" });
  const parts = [formatState(state), notes.kept, notes.catalogue, notes.settings];
  const bytes = parts.map((text) => byteLength(text ?? ""));
  const all = bytes.reduce((sum, one) => sum + one);
  ok(all < 0.95 * maxConfigMapBytes, `${bytes} bytes`);
});
