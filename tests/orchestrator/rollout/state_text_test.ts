import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  type Candidate,
  emptySource,
  emptyState,
  maxCanaries,
  maxHistory,
  maxRejected,
  type SourceState,
} from "../../../lib/orchestrator/rollout/state.ts";
import { formatState, maxStateBytes, parseState } from "../../../lib/orchestrator/rollout/state_text.ts";
import { noon, podUid } from "../build.ts";
import { content, version } from "./build.ts";

/** A source with everything that can be remembered. */
function full(canaries: number, words = "it crashes"): SourceState {
  return {
    knownGood: version(1),
    previous: version(2),
    waiting: version(3),
    pin: { version: version(4), at: noon },
    pausedAt: noon,
    unseenSince: noon,
    rejected: Array.from({ length: maxRejected }, (_, n) => ({
      version: content(n),
      path: version(n).path,
      at: noon,
      by: n % 2 === 0 ? "verdict" : "person",
      words,
    })),
    returning: [{ uid: podUid("a"), from: content(5), since: noon }, {
      uid: podUid("b"),
      from: content(5),
      since: noon,
      doneAt: noon,
    }],
    history: Array.from({ length: maxHistory }, () => ({ at: noon, rule: "promoted", words })),
    candidate: fullCandidate(canaries, words),
  };
}

function fullCandidate(canaries: number, words: string): Candidate {
  return {
    version: version(5),
    since: noon,
    tryingSince: noon,
    toAll: false,
    share: canaries,
    before: [content(6)],
    applied: true,
    late: [{ uid: podUid("c"), at: noon }],
    held: "dependents",
    canaries: Array.from({ length: canaries }, (_, n) => ({
      uid: podUid(`${n}`.padStart(36, "0")),
      name: `${n}`.padStart(60, "web-"),
      requestedAt: noon,
      ill: n % 2 === 0 ? "before" : "common",
      clearAt: noon,
      dependentsIll: true,
      wasReady: true,
      restarts: n,
      appliedAt: noon,
      failure: { rule: "watchdog", words, at: noon },
    })),
  };
}

Deno.test("a state survives its text", () => {
  const state = { sources: new Map([["maps", full(3)], ["fonts", emptySource]]) };
  deepEqual(parseState(formatState(state)), state);
  deepEqual(parseState(formatState(emptyState)), emptyState);
});

Deno.test("the fullest state fits into a ConfigMap", () => {
  const text = formatState({ sources: new Map([["maps", full(maxCanaries, "x".repeat(200))]]) });
  ok(text.length <= maxStateBytes, `${text.length} bytes`);
});

Deno.test("what is cut for room is history first, then old rejections; what is known good never", () => {
  const sources = new Map(
    Array.from({ length: 100 }, (_, n) => [`source-${n}`, full(5, "x".repeat(200))] as const),
  );
  const text = formatState({ sources });
  ok(text.length <= maxStateBytes, `${text.length} bytes`);
  const state = parseState(text);
  ok(!("problem" in state));
  for (const source of state.sources.values()) {
    deepEqual([source.knownGood, source.candidate?.canaries.length], [version(1), 5]);
    equal(source.rejected.at(-1)?.version, content(maxRejected - 1));
  }
});

Deno.test("a source of any name is remembered", () => {
  const names = [
    "constructor",
    "prototype",
    "hasOwnProperty",
    "toString",
    "__proto__",
    "digest",
    "Digest",
    "7",
  ];
  const state = { sources: new Map(names.map((name) => [name, full(1)])) };
  const read = parseState(formatState(state));
  ok(!("problem" in read));
  deepEqual([...read.sources.keys()].sort(), names.sort());
  for (const source of read.sources.values()) deepEqual(source, full(1));
});

Deno.test("a state of a newer program is read as far as it is known, and goes on in its own words", () => {
  const fields = JSON.parse(formatState({ sources: new Map([["maps", full(1)]]) }));
  const { maps } = fields.sources;
  Object.assign(fields, { schema: { of: "later" } });
  Object.assign(maps, { schedule: ["later"] });
  maps.history.push({ at: noon, rule: "scheduled", words: "later", by: "it" }, "no line", { at: "noon" });
  maps.candidate.held = "scheduled";
  maps.candidate.canaries[0].failure.rule = "slow";
  maps.candidate.canaries[0].ill = "dizzy";
  maps.rejected[0].by = "policy";
  maps.knownGood.Signature = "later";
  const state = parseState(JSON.stringify(fields));
  ok(!("problem" in state), JSON.stringify(state));
  const { candidate, history, rejected, knownGood } = state.sources.get("maps")!;
  deepEqual(history.map(({ rule }) => rule).slice(-2), ["promoted", "scheduled"]);
  equal(history.length, maxHistory + 1);
  const [canary] = candidate!.canaries;
  deepEqual([candidate!.held, canary!.failure!.rule, canary!.ill], [undefined, "slow", "before"]);
  deepEqual([rejected.length, rejected[0]!.by, knownGood], [maxRejected, "verdict", version(1)]);
  deepEqual(JSON.parse(formatState(state)).sources.maps.history.at(-1).rule, "scheduled");
});

Deno.test("a history that is none is no reason to stop", () => {
  const state = parseState('{"sources":{"maps":{"rejected":[],"returning":[],"history":"later"}}}');
  deepEqual(state, { sources: new Map([["maps", emptySource]]) });
});

Deno.test("text that is no state is refused with what is wrong", () => {
  const state = { sources: new Map([["maps", full(1)]]) };
  const fields = JSON.parse(formatState(state));
  fields.sources.maps.knownGood.Digest = "sha256:short";
  for (
    const [text, words] of [
      ["", /is not JSON/],
      ["[]", /has no object "sources"/],
      ['{"sources":[]}', /has no object "sources"/],
      ['{"sources":{"maps":1}}', /sources\.maps: /],
      [JSON.stringify(fields), /sources\.maps\.knownGood: has no valid Digest/],
      ['{"sources":{"maps":{"rejected":1,"returning":[],"history":[]}}}', /sources\.maps\.rejected/],
    ] as const
  ) {
    const read = parseState(text);
    match("problem" in read ? read.problem : "read", words);
  }
});
