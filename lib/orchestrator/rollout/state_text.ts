/**
 * The state of a namespace's rollouts as the text that its ConfigMap holds.
 *
 * @module
 */
import * as v from "valibot";
import { type DataVersion, readVersion, versionFields } from "../../contract/data_version.ts";
import { type ContentId, parseContentId, type PodUid } from "../../contract/ids.ts";
import { byteLength, cleanText } from "../../contract/text.ts";
import {
  failureRules,
  happenings,
  holdRules,
  maxHistory,
  maxRejected,
  type RolloutState,
  type SourceState,
} from "./state.ts";

/** Most bytes that the text may take: the rest of a ConfigMap's 1 MiB is for what must be kept. */
export const maxStateBytes = 700_000;

/** What is left of each source's lists where everything is too much: history goes first, then old rejections. */
const trims = [
  { history: maxHistory, rejected: maxRejected, done: true },
  { history: 5, rejected: maxRejected, done: false },
  { history: 0, rejected: 20, done: false },
  { history: 0, rejected: 3, done: false },
];

/**
 * Writes a state. What was cut for room is the oldest of each source's history and rejections.
 *
 * @param maxBytes the most bytes the text should take
 */
export function formatState(state: RolloutState, maxBytes: number = maxStateBytes): string {
  let text = "";
  for (const trim of trims) {
    const sources = [...state.sources].map(([name, source]) => [name, trimmed(source, trim)]);
    text = JSON.stringify({ sources: Object.fromEntries(sources) }, writeVersions);
    if (byteLength(text) <= maxBytes) break;
  }
  return text;
}

/** Reads what {@link formatState} writes, or says in words why it cannot be read. */
export function parseState(text: string): RolloutState | { readonly problem: string } {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return { problem: "is not JSON" };
  }
  const read = v.safeParse(stateShape, fields);
  if (read.success) return { sources: new Map(Object.entries(read.output.sources)) };
  const [issue] = read.issues;
  return { problem: cleanText(`${v.getDotPath(issue) ?? "it"}: ${issue.message}`, 300) };
}

function trimmed(source: SourceState, { history, rejected, done }: typeof trims[number]): SourceState {
  return {
    ...source,
    history: history === 0 ? [] : source.history.slice(-history),
    rejected: source.rejected.slice(-rejected),
    returning: done ? source.returning : source.returning.filter(({ doneAt }) => doneAt === undefined),
  };
}

/** Versions are written in the contract's words. */
function writeVersions(_: string, value: unknown): unknown {
  return isVersion(value) ? versionFields(value) : value;
}

function isVersion(value: unknown): value is DataVersion {
  return typeof value === "object" && value !== null && "digest" in value;
}

const instant = v.pipe(v.number(), v.safeInteger());
const uid = v.pipe(v.string(), v.nonEmpty(), v.transform((text) => text as PodUid));
const content = v.custom<ContentId>(
  (text) => parseContentId(String(text)) !== undefined,
  "no content identity",
);

const version = v.pipe(
  v.record(v.string(), v.unknown()),
  v.rawTransform(({ dataset, addIssue, NEVER }): DataVersion => {
    const read = readVersion(dataset.value);
    if (!("problem" in read)) return read;
    addIssue({ message: read.problem });
    return NEVER;
  }),
);

const canary = v.object({
  uid,
  name: v.string(),
  requestedAt: instant,
  ill: v.optional(v.picklist(["before", "common"])),
  clearAt: v.optional(instant),
  dependentsIll: v.optional(v.literal(true)),
  wasReady: v.boolean(),
  restarts: v.number(),
  appliedAt: v.optional(instant),
  failure: v.optional(v.object({ rule: v.picklist(failureRules), words: v.string(), at: instant })),
});

const candidate = v.object({
  version,
  since: instant,
  tryingSince: instant,
  toAll: v.boolean(),
  share: v.number(),
  before: v.array(content),
  applied: v.boolean(),
  canaries: v.array(canary),
  late: v.array(v.object({ uid, at: instant })),
  held: v.optional(v.picklist(holdRules)),
});

const sourceShape = v.object({
  knownGood: v.optional(version),
  previous: v.optional(version),
  candidate: v.optional(candidate),
  waiting: v.optional(version),
  rejected: v.array(v.object({
    version: content,
    path: v.string(),
    at: instant,
    by: v.picklist(["verdict", "person"]),
    words: v.string(),
  })),
  pin: v.optional(v.object({ version, at: instant })),
  pausedAt: v.optional(instant),
  returning: v.array(v.object({ uid, from: content, since: instant, doneAt: v.optional(instant) })),
  history: v.array(v.object({ at: instant, rule: v.picklist(happenings), words: v.string() })),
  unseenSince: v.optional(instant),
});

const stateShape = v.object({ sources: v.record(v.string(), sourceShape) });
