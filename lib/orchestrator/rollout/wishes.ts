/**
 * What a person may order of a source: pure changes of the state, which the next decision carries out.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { cleanText } from "../../contract/text.ts";
import type { Instant } from "../../contract/time.ts";
import { promoted, rejected, type Teller } from "./candidate.ts";
import { withHistory } from "./decide.ts";
import { roomFor } from "./managed.ts";
import { isRejected, type RolloutState, type SourceState, withSource } from "./state.ts";
import { type Said, shown } from "./view.ts";

/** A version as an order names it: a rejected one may be at the repository no longer. */
export type NamedVersion = Pick<DataVersion, "version" | "path">;

/** An order. */
export type Wish =
  /** Everybody gets this version at once, without canaries, and nothing else is begun until `unpin`. */
  | { readonly do: "pin"; readonly version: DataVersion }
  /** Everybody goes back to known good (where nothing is, the pinned version becomes it), and rollouts go on. */
  | { readonly do: "unpin" }
  /** The content is never asked for again; who has it goes back to what was known good. `why` is for those who ask. */
  | { readonly do: "reject"; readonly version: NamedVersion; readonly why?: string }
  /** The content may be asked for again: by a canary, when it is the newest. */
  | { readonly do: "unreject"; readonly version: NamedVersion }
  /** Known good is rejected, and everybody goes back to what was known good before. A candidate stays. */
  | { readonly do: "rollback" }
  /** The candidate is known good without waiting for its canaries. */
  | { readonly do: "promote" }
  /**
   * Nothing is begun, judged, promoted, rejected or put back. Pods without a version still get one, and other orders
   * are carried out.
   */
  | { readonly do: "pause" }
  | { readonly do: "resume" };

/** What came of an order: the state to write and what to say, or why it cannot be carried out. */
export type Granted =
  | { readonly state: RolloutState; readonly said: readonly Said[] }
  | { readonly problem: string };

/** What an order does, as a sentence has it. */
export const verbs: Readonly<Record<Wish["do"], string>> = {
  pin: "pin",
  unpin: "unpin",
  reject: "reject",
  unreject: "unreject",
  rollback: "roll back",
  promote: "promote",
  pause: "pause",
  resume: "resume",
};

/** Carries an order out on the state. */
export function granted(state: RolloutState, source: string, wish: Wish, now: Instant): Granted {
  const before = state.sources.get(source);
  if (!before) {
    return { problem: `no pod was seen that deploys source "${source}": is it deployed in this namespace?` };
  }
  const said: Said[] = [];
  const teller: Teller = {
    now,
    room: roomFor(source, state.sources, state.sources.size),
    say: (rule, words, about) => said.push({ source, rule, words: cleanText(words, 300), ...about }),
  };
  const after = carriedOut(before, wish, teller);
  if ("problem" in after) return { problem: `cannot ${verbs[wish.do]} source "${source}": ${after.problem}` };
  return { state: withSource(state, source, withHistory(after, said, now)), said };
}

type Outcome = SourceState | { readonly problem: string };

function carriedOut(state: SourceState, wish: Wish, teller: Teller): Outcome {
  switch (wish.do) {
    case "pin":
      return pinned(state, wish.version, teller);
    case "unpin":
      return unpinned(state, teller);
    case "reject":
      return rejectedByPerson(state, wish.version, wish.why, teller);
    case "unreject":
      return unrejected(state, wish.version, teller);
    case "rollback":
      return rolledBack(state, teller);
    case "promote":
      return promotedByPerson(state, teller);
    case "pause":
      return paused(state, teller);
    case "resume":
      return resumed(state, teller);
  }
}

function pinned(state: SourceState, version: DataVersion, { now, say }: Teller): Outcome {
  if (isRejected(state, version.version)) {
    return { problem: `${shown(version)} is rejected: unreject it first` };
  }
  if (state.pin?.version.version === version.version) {
    return { problem: `${shown(version)} is pinned already` };
  }
  const { candidate, ...rest } = state;
  const gone = candidate ? `, and ${shown(candidate.version)} is no candidate any more` : "";
  say("pinned", `everybody gets ${shown(version)} at once, without canaries, until it is unpinned${gone}`, {
    version,
  });
  return { ...rest, pin: { version, at: now } };
}

function unpinned({ pin, ...state }: SourceState, { say }: Teller): Outcome {
  if (!pin) return { problem: "nothing is pinned" };
  const knownGood = state.knownGood ?? pin.version;
  const words = `${shown(pin.version)} is no longer pinned: everybody gets the known good version ${
    shown(knownGood)
  }`;
  say("unpinned", words, { version: knownGood });
  return { ...state, knownGood };
}

function rejectedByPerson(
  state: SourceState,
  version: NamedVersion,
  why: string | undefined,
  teller: Teller,
): Outcome {
  if (isRejected(state, version.version)) return { problem: `${shown(version)} is rejected already` };
  if (state.pin?.version.version === version.version) {
    return { problem: `${shown(version)} is pinned: unpin it first` };
  }
  const words = why === undefined ? "a person said so" : `a person said so: ${cleanText(why, 200)}`;
  return rejected(state, version, "person", words, teller);
}

function unrejected(state: SourceState, version: NamedVersion, { say }: Teller): Outcome {
  if (!isRejected(state, version.version)) return { problem: `${shown(version)} is not rejected` };
  say("unrejected", `${shown(version)} may be asked for again`);
  return { ...state, rejected: state.rejected.filter((one) => one.version !== version.version) };
}

function rolledBack(state: SourceState, teller: Teller): Outcome {
  const { knownGood, previous, pin } = state;
  if (pin) return { problem: `${shown(pin.version)} is pinned: unpin it first, or pin another version` };
  if (!knownGood) return { problem: "nothing is known to be good: reject the candidate instead" };
  if (!previous) return { problem: "nothing was known to be good before: pin an older version instead" };
  teller.say("rolled-back", `back from ${shown(knownGood)} to ${shown(previous)}`, { version: previous });
  return rejected(state, knownGood, "person", "a person rolled it back", teller);
}

function promotedByPerson(state: SourceState, teller: Teller): Outcome {
  if (!state.candidate) return { problem: "there is no candidate" };
  return promoted(state, "a person said so", teller);
}

function paused(state: SourceState, { now, say }: Teller): Outcome {
  if (state.pausedAt !== undefined) return { problem: "it is paused already" };
  say("paused", "nothing is begun, judged or put back until it is resumed");
  return { ...state, pausedAt: now };
}

function resumed({ pausedAt, ...state }: SourceState, { say }: Teller): Outcome {
  if (pausedAt === undefined) return { problem: "it is not paused" };
  say("resumed", "rollouts go on");
  return state;
}

/**
 * Finds the version that a person means: a name at the repository (with or without `.tar`), the beginning of its commit
 * or of its content identity (at least 4 characters).
 *
 * @param versions the oldest first; one content may be there several times, under each of its names
 */
export function versionMeant<V extends NamedVersion>(
  text: string,
  versions: readonly V[],
): V | { readonly problem: string } {
  const wanted = text.trim().replace(/\.tar$/, "").replace(/^sha256:/, "").toLowerCase();
  const exact = versions.findLast((one) => shown(one) === wanted);
  if (exact) return exact;
  const found = new Map(
    versions.filter((one) =>
      wanted.length >= 4 &&
      [shown(one), shown(one).split("-")[1]!, one.version.slice("sha256:".length)].some((name) =>
        name.startsWith(wanted)
      )
    ).map((one) => [one.version, one]),
  );
  const [only] = found.values();
  if (only && found.size === 1) return only;
  const known = [...new Set(versions.map(shown))].slice(-5).join(", ");
  const what = cleanText(text, 80);
  const some = [...found.values()].slice(-5).map(shown).join(", ");
  return found.size > 1
    ? { problem: `"${what}" may be any of ${found.size} versions, such as ${some}: write more of it` }
    : { problem: `no version is called "${what}"${known === "" ? "" : `: the newest are ${known}`}` };
}
