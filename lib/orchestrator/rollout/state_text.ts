/**
 * The state of a namespace's rollouts as the text that its ConfigMap holds: JSON that people can read.
 *
 * Two versions of this program may take turns while they are rolled out, so a state of a newer one can be read as far
 * as it is known here. Fields that are unknown are passed over, and gone with the next write. Lines of history stay
 * whatever their rule is, and those that are none are left out; so does a failure of an unknown rule. An unknown word
 * for why a candidate is held counts as none, for how a canary is ill as `before`, for who rejected as `verdict`.
 * All else is essential: a state in which it is missing or of another type is not read at all, as a guess may ask pods
 * for a rejected version. A newer version may therefore add fields, each optional, and words to those lists; it may
 * take away or change the meaning of nothing that is required here.
 *
 * @module
 */
import * as v from "valibot";
import { type DataVersion, readVersion, versionFields } from "../../contract/data_version.ts";
import { type ContentId, parseContentId, type PodUid } from "../../contract/ids.ts";
import { byteLength, cleanText, cutToBytes } from "../../contract/text.ts";
import { holdRules, maxHistory, maxRejected, type RolloutState, type SourceState } from "./state.ts";

/** Most bytes that the text may take: the rest of a ConfigMap's 1 MiB is for what must be kept. */
export const maxStateBytes = 740_000;

interface Trim {
  /** Most lines of each source's history, and most of its rejections. */
  readonly history: number;
  readonly rejected: number;
  /** Whether returns that are over stay. */
  readonly done: boolean;
  /** Most bytes of the words of a rejection or a failure. */
  readonly words: number;
}

/** What is left of each source where everything is too much. Nothing that a decision would only add again is cut. */
const trims: readonly Trim[] = [
  { history: maxHistory, rejected: maxRejected, done: true, words: 300 },
  { history: 5, rejected: maxRejected, done: false, words: 300 },
  { history: 0, rejected: 20, done: false, words: 300 },
  { history: 0, rejected: 2, done: false, words: 40 },
];

/**
 * Writes a state. What was cut for room is the oldest of each source's history and rejections, and words at last.
 *
 * @param maxBytes the most bytes the text should take
 */
export function formatState(state: RolloutState, maxBytes: number = maxStateBytes): string {
  let text = "";
  for (const trim of trims) {
    const sources = [...state.sources].map(([name, source]) => [name, sourceFields(trimmed(source, trim))]);
    text = JSON.stringify({ sources: Object.fromEntries(sources) });
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
  if (!isObject(fields) || !isObject(fields.sources)) return { problem: 'has no object "sources"' };
  const sources = new Map<string, SourceState>();
  // Each entry by itself: a source may have any name, and there are names that shapes pass over.
  for (const [name, source] of Object.entries(fields.sources)) {
    const read = v.safeParse(sourceShape, source);
    if (!read.success) return { problem: problemOf(name, read.issues[0]) };
    sources.set(name, read.output);
  }
  return { sources };
}

function problemOf(name: string, issue: v.InferIssue<typeof sourceShape>): string {
  const path = ["sources", name, v.getDotPath(issue)].filter((part) => part !== null).join(".");
  return cleanText(`${path}: ${issue.message}`, 300);
}

function trimmed(source: SourceState, { history, rejected, done, words }: Trim): SourceState {
  const { candidate } = source;
  return {
    ...source,
    history: history === 0 ? [] : source.history.slice(-history),
    rejected: source.rejected.slice(-rejected).map((one) => withShort(one, words)),
    returning: done ? source.returning : source.returning.filter(({ doneAt }) => doneAt === undefined),
    ...(candidate && {
      candidate: {
        ...candidate,
        canaries: candidate.canaries.map((one) =>
          one.failure ? { ...one, failure: withShort(one.failure, words) } : one
        ),
      },
    }),
  };
}

function withShort<T extends { readonly words: string }>(one: T, most: number): T {
  return { ...one, words: cutToBytes(one.words, most) };
}

/** Versions are written in the contract's words. */
function sourceFields(source: SourceState): Readonly<Record<string, unknown>> {
  const { knownGood, previous, candidate, waiting, pin } = source;
  return {
    ...source,
    ...(knownGood && { knownGood: versionFields(knownGood) }),
    ...(previous && { previous: versionFields(previous) }),
    ...(candidate && { candidate: { ...candidate, version: versionFields(candidate.version) } }),
    ...(waiting && { waiting: versionFields(waiting) }),
    ...(pin && { pin: { ...pin, version: versionFields(pin.version) } }),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const instant = v.pipe(v.number(), v.safeInteger());
const uid = v.pipe(v.string(), v.nonEmpty(), v.transform((text) => text as PodUid));
const content = v.custom<ContentId>(
  (text) => parseContentId(String(text)) !== undefined,
  "no content identity",
);

const version = v.pipe(
  v.custom<Readonly<Record<string, unknown>>>(isObject, "is no version"),
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
  ill: v.optional(v.fallback(v.picklist(["before", "common"]), "before")),
  clearAt: v.optional(instant),
  dependentsIll: v.optional(v.literal(true)),
  wasReady: v.boolean(),
  restarts: v.number(),
  appliedAt: v.optional(instant),
  failure: v.optional(v.object({ rule: v.string(), words: v.string(), at: instant })),
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
  held: v.fallback(v.optional(v.picklist(holdRules)), undefined),
});

const happening = v.object({ at: instant, rule: v.string(), words: v.string() });

const history = v.pipe(
  v.unknown(),
  v.transform((lines) => Array.isArray(lines) ? lines.filter((line) => v.is(happening, line)) : []),
);

const sourceShape = v.object({
  knownGood: v.optional(version),
  previous: v.optional(version),
  candidate: v.optional(candidate),
  waiting: v.optional(version),
  rejected: v.array(v.object({
    version: content,
    path: v.string(),
    at: instant,
    by: v.fallback(v.picklist(["verdict", "person"]), "verdict"),
    words: v.string(),
  })),
  pin: v.optional(v.object({ version, at: instant })),
  pausedAt: v.optional(instant),
  returning: v.array(v.object({ uid, from: content, since: instant, doneAt: v.optional(instant) })),
  history,
  unseenSince: v.optional(instant),
});
