/**
 * A person's order about a source: a change of the state's ConfigMap, which the leader then carries out.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { CoreV1Api, type Namespace } from "../../../k8s/core_v1.ts";
import { formatKept, parseKept } from "../../contract/data_catalogue.ts";
import { type DataVersion, parsePath } from "../../contract/data_version.ts";
import { type Digest, parseDigest } from "../../contract/ids.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Clock } from "../../runtime/clock.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import { catalogueIn } from "./notes.ts";
import type { RolloutState } from "./state.ts";
import { type HeldState, type Notes, readHeld, stateName, writeState } from "./store.ts";
import { type Said, shown } from "./view.ts";
import { granted, type NamedVersion, verbs, versionMeant, type Wish } from "./wishes.ts";

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
  | { readonly do: "pin"; readonly version: string }
  | { readonly do: "unreject"; readonly version: string }
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
    if (!held) throw await missingState(options, namespace);
    if (!held.state.sources.has(source)) throw unknownSource(held, source);
    const wish = wishOf(order, source, held);
    const after = granted(held.state, source, wish, options.clock.now());
    if ("problem" in after) throw new Failure(sentence(after.problem), exitCode.couldNot);
    const content = { state: after.state, notes: notesWith(held.notes, source, wish) };
    if (await writeState(options, namespace, held, content)) return after.said;
  }
  throw new Failure(
    `Cannot ${verbs[order.do]} source "${source}": ${options.own}/${
      stateName(namespace)
    } keeps changing. Try again.`,
    exitCode.couldNot,
  );
}

/** What is said where an order finds no state: that there is no such namespace, where that can be known. */
async function missingState({ client, own }: OrderOptions, namespace: string): Promise<Failure> {
  await namespaceIn(client, namespace);
  return noState(own, namespace);
}

/**
 * Reads a namespace.
 *
 * @returns `undefined` where that is not allowed, as few may look at namespaces
 * @throws Failure where it does not exist
 */
export async function namespaceIn(client: KubeClient, name: string): Promise<Namespace | undefined> {
  try {
    return await new CoreV1Api(client).getNamespace(name);
  } catch (error) {
    if (isStatus(error, 403)) return undefined;
    if (!isStatus(error, 404)) throw error;
    throw new Failure(
      `There is no namespace "${name}" in this cluster: is the name right, and the cluster? -n and --context say so.`,
      exitCode.notFound,
      { cause: error },
    );
  }
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
  if (order.do !== "pin" && order.do !== "reject" && order.do !== "unreject") return order;
  const packed = packedVersions(source, held);
  const version = meant(order.version, inOrder([...packed, ...held.state.sources.get(source)!.rejected]));
  if (order.do !== "pin") return { ...order, version };
  const packing = packed.findLast((one) => one.version === version.version);
  if (packing) return { do: "pin", version: packing };
  // It is known by its rejection alone.
  const problem = `Cannot pin source "${source}": ${shown(version)} is rejected, and no more is known of it.`;
  throw new Failure(problem, exitCode.couldNot);
}

/**
 * The versions of a source of which all is known, the oldest first. A content that came again is there under each of
 * its names.
 */
function packedVersions(source: string, { state, notes }: ReadableState): DataVersion[] {
  const { knownGood, previous, candidate, waiting, pin } = state.sources.get(source)!;
  const named = [knownGood, previous, candidate?.version, waiting, pin?.version];
  return inOrder([
    ...named.filter((one) => one !== undefined),
    ...parseKept(notes.kept ?? "")?.get(source) ?? [],
    // Last, so that of two packings of one name the repository's is meant.
    ...catalogueIn(notes)?.get(source)?.versions ?? [],
  ]);
}

/** The oldest first, by their names. */
function inOrder<V extends NamedVersion>(versions: readonly V[]): V[] {
  const timeOf = ({ path }: V) => parsePath(path)?.time ?? 0;
  return versions.toSorted((a, b) => timeOf(a) - timeOf(b));
}

function meant(
  text: string,
  versions: readonly (NamedVersion & { readonly digest?: Digest })[],
): NamedVersion {
  const digest = parseDigest(text);
  const exact = digest && versions.findLast((one) => one.digest === digest);
  const found = exact ?? versionMeant(text, versions);
  if (!("problem" in found)) return found;
  throw new Failure(sentence(found.problem), exitCode.notFound);
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
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
