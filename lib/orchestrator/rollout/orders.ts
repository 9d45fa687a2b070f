/**
 * A person's order about a source: a change of the state's ConfigMap, which the leader then carries out.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { CoreV1Api } from "../../../k8s/core_v1.ts";
import { formatKept, parseKept } from "../../contract/data_catalogue.ts";
import type { DataVersion } from "../../contract/data_version.ts";
import { parseDigest } from "../../contract/ids.ts";
import { cleanText } from "../../contract/text.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Clock } from "../../runtime/clock.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import { catalogueIn } from "./notes.ts";
import { type RolloutState, withSource } from "./state.ts";
import { type HeldState, type Notes, readHeld, stateName, writeState } from "./store.ts";
import type { Said } from "./view.ts";
import { granted, type NamedVersion, versionMeant, type Wish } from "./wishes.ts";

/** Where orders go, and as whom. */
export interface OrderOptions {
  readonly client: KubeClient;
  /** AutoCrane's own namespace. */
  readonly own: string;
  readonly fieldManager: string;
  readonly clock: Clock;
}

/** What a person wants, the version as it was written. */
export type Order =
  | { readonly do: "pin" | "unreject"; readonly version: string }
  /** `why`: a person's own words, for those who ask later. */
  | { readonly do: "reject"; readonly version: string; readonly why?: string }
  | { readonly do: "unpin" | "rollback" | "promote" | "pause" | "resume" };

/** How often a state that others write meanwhile is read again. */
const mostTries = 10;

/** A namespace's rollouts as they can be read. */
export interface ReadableState extends HeldState {
  readonly state: RolloutState;
}

/**
 * Reads a namespace's rollouts.
 *
 * @returns `undefined` where there are none
 * @throws Failure where they cannot be read
 */
export async function readState(
  { client, own }: Pick<OrderOptions, "client" | "own">,
  namespace: string,
): Promise<ReadableState | undefined> {
  const name = stateName(namespace);
  const where = `ConfigMap ${own}/${name}`;
  try {
    const held = readHeld(await new CoreV1Api(client).namespace(own).getConfigMap(name));
    if (!held) throw new Failure(`Cannot use ${where}: it is not labelled as a state.`, exitCode.couldNot);
    const { state } = held;
    if (!("problem" in state)) return { ...held, state };
    const hint = "Mend it, or delete it: it is then made anew from what pods have.";
    throw new Failure(`Cannot read ${where}: it ${state.problem}. ${hint}`, exitCode.couldNot);
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/**
 * Carries out an order on the state. Where somebody else writes meanwhile it is carried out on what they wrote.
 *
 * @returns what was said of it
 * @throws Failure where it cannot be carried out
 */
export async function carryOut(
  options: OrderOptions,
  namespace: string,
  source: string,
  order: Order,
): Promise<readonly Said[]> {
  for (let tries = 0; tries < mostTries; tries++) {
    const held = await readState(options, namespace);
    if (!held) throw noState(options.own, namespace);
    if (!held.state.sources.has(source)) throw unknownSource(held, source);
    const wish = wishOf(order, source, held);
    const after = granted(held.state, source, wish, options.clock.now());
    if ("problem" in after) throw new Failure(sentence(after.problem), exitCode.couldNot);
    const why = order.do === "reject" ? order.why : undefined;
    const state = why === undefined ? after.state : withWhy(after.state, source, why);
    const notes = notesWith(held.notes, source, wish);
    if (await writeState(options, namespace, held, { state, notes })) return after.said;
  }
  throw new Failure(
    `Cannot ${order.do} source "${source}": ${options.own}/${
      stateName(namespace)
    } keeps changing. Try again.`,
    exitCode.couldNot,
  );
}

/** What is said where a namespace has no state. */
export function noState(own: string, namespace: string): Failure {
  return new Failure(
    `There is no ConfigMap ${own}/${
      stateName(namespace)
    }: does AutoCrane run in the namespace "${own}", watch ` +
      `"${namespace}", and does any pod there deploy data? --autocrane-namespace says where AutoCrane is.`,
    exitCode.notFound,
  );
}

/** What is said where a namespace knows no such source. */
export function unknownSource({ namespace, state }: ReadableState, source: string): Failure {
  const known = [...state.sources.keys()].sort().join(", ") || "none";
  return new Failure(
    `There is no source "${source}" in the namespace "${namespace}": the known ones are ${known}.`,
    exitCode.notFound,
  );
}

function wishOf(order: Order, source: string, held: ReadableState): Wish {
  switch (order.do) {
    case "pin":
      return { do: "pin", version: meant(order.version, knownVersions(source, held)) };
    case "reject":
      return { do: "reject", version: meant(order.version, knownVersions(source, held)) };
    case "unreject":
      return { do: "unreject", version: meant(order.version, held.state.sources.get(source)!.rejected) };
    default:
      return order;
  }
}

/** The versions of a source of which anything is known, the oldest first. */
function knownVersions(source: string, { state, notes }: ReadableState): DataVersion[] {
  const { knownGood, previous, candidate, waiting, pin } = state.sources.get(source)!;
  const named = [knownGood, previous, candidate?.version, waiting, pin?.version].filter((one) =>
    one !== undefined
  );
  const all = [
    ...catalogueIn(notes)?.get(source)?.versions ?? [],
    ...parseKept(notes.kept ?? "")?.get(source) ?? [],
    ...named,
  ];
  return [...new Map(all.map((one) => [one.digest, one])).values()].sort((a, b) => a.time - b.time);
}

function meant<V extends NamedVersion & { readonly digest?: string }>(
  text: string,
  versions: readonly V[],
): V {
  const digest = parseDigest(text);
  const exact = digest && versions.find((one) => one.digest === digest);
  const found = exact ?? versionMeant(text, versions);
  if (!("problem" in found)) return found;
  throw new Failure(sentence(found.problem), exitCode.notFound);
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** The state with a person's words for the rejection that was just added. */
function withWhy(state: RolloutState, source: string, why: string): RolloutState {
  const before = state.sources.get(source)!;
  const rejected = before.rejected.map((one, index) =>
    index === before.rejected.length - 1 ? { ...one, words: cleanText(`${one.words}: ${why}`, 300) } : one
  );
  return withSource(state, source, { ...before, rejected });
}

/**
 * A version that everybody is to have must not be deleted before the leader has read that. Where it cannot be read what
 * is kept, nothing is deleted, and that must stay so.
 */
function notesWith(notes: Notes, source: string, wish: Wish): Partial<Notes> {
  const before = parseKept(notes.kept ?? "");
  if (wish.do !== "pin" || !before) return {};
  const kept = new Map(before);
  const held = kept.get(source) ?? [];
  kept.set(source, [...held.filter(({ digest }) => digest !== wish.version.digest), wish.version]);
  return { kept: formatKept(kept) };
}
