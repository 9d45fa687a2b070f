/**
 * Reading settings once, at a program's start: the environment first, the command line over it, and a
 * refusal that names everything that is wrong.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";
import { Problems, WrongUse } from "./failure.ts";
import type { Setting } from "./setting.ts";

/** Settings by the names that the code uses for them. */
export type Catalogue = Readonly<Record<string, Setting<unknown>>>;

/** The values that a catalogue's settings have. */
export type ValuesOf<C extends Catalogue> = {
  readonly [K in keyof C]: C[K] extends Setting<infer T> ? T : never;
};

/** Where settings come from. */
export interface Sources {
  readonly env: Readonly<Record<string, string>>;
  /** What stands on the command line, as {@link splitArguments} sorts it out. */
  readonly flags: readonly Given[];
}

/** One value that somebody gave. */
export interface Given {
  /** `Section__Key`, or a name without a section. */
  readonly name: string;
  readonly value: string;
  /** How they wrote the name, for errors. */
  readonly as: string;
}

/** What is known beside the settings that this program reads. */
export interface Known {
  /** Every setting of every program: another program's may be set too, as programs share a pod. */
  readonly all: Catalogue;
  /** Names of the C# original that are refused, and what to use in their place. */
  readonly replaced: Readonly<Record<string, string>>;
}

const flag = /^--([A-Za-z]\w*|[A-Za-z][\w-]*:[A-Za-z][\w.-]*)(?:=([^]*))?$/;

/**
 * Separates `--Section:Key=value`, `--Section:Key value`, and the same with the names that have no section, from
 * a program's other arguments.
 *
 * @throws WrongUse where a flag has no value
 */
export function splitArguments(
  args: readonly string[],
  known: Known,
): { flags: Given[]; rest: string[] } {
  const bare = new Set(
    namesOf(known).filter((name) => !name.includes("__")).map((name) => name.toLowerCase()),
  );
  const flags: Given[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const written = flagIn(args[i]!, bare);
    if (!written) {
      rest.push(args[i]!);
      continue;
    }
    const { name, as } = written;
    const value = written.value ?? args[++i];
    if (value === undefined || (written.value === undefined && flagIn(value, bare))) {
      throw new WrongUse(`${as} has no value: write ${as}=value.`);
    }
    flags.push({ name, value, as });
  }
  return { flags, rest };
}

/** The setting that an argument names, and its value where it is part of the argument. */
function flagIn(
  arg: string,
  bare: ReadonlySet<string>,
): Omit<Given, "value"> & { value?: string } | undefined {
  const [, named, value] = flag.exec(arg) ?? [];
  if (named === undefined) return undefined;
  if (!named.includes(":") && !bare.has(named.toLowerCase())) return undefined;
  return { name: named.replace(":", "__"), value, as: `--${named}` };
}

function namesOf({ all, replaced }: Known): string[] {
  return [...Object.values(all).map(({ name }) => name), ...Object.keys(replaced)];
}

/** The settings of `catalogue` that stand on the command line, by the names that the code uses for them. */
export function flagged<C extends Catalogue>(catalogue: C, flags: readonly Given[]): ReadonlySet<keyof C> {
  const given = new Set(flags.map(({ name }) => name.toLowerCase()));
  return new Set(Object.keys(catalogue).filter((field) => given.has(catalogue[field]!.name.toLowerCase())));
}

/**
 * Reads the settings of `catalogue`.
 *
 * @throws Problems with every malformed value, unknown key of our sections, variable that is set twice, and
 * missing setting
 */
export function readSettings<C extends Catalogue>(catalogue: C, sources: Sources, known: Known): ValuesOf<C> {
  const { given, clashes } = collect(sources, known);
  const problems = [...clashes, ...[...given.values()].flatMap((item) => problemWith(item, known))];
  const values: Record<string, unknown> = {};
  for (const [field, setting] of Object.entries(catalogue)) {
    const item = given.get(setting.name.toLowerCase());
    if (item !== undefined && item.value.trim() !== "") values[field] = setting.parse(item.value);
    else if (setting.fallback) values[field] = setting.fallback.value;
    else problems.push(`${setting.name} is not set: expected ${setting.expected} (${setting.help}).`);
  }
  if (problems.length > 0) throw new Problems(problems);
  return values as ValuesOf<C>;
}

/**
 * The values that concern us, by lower-case name: flags over the environment, a later flag over an earlier. The
 * environment has no order: what is set there twice, in different spellings, must say the same.
 */
function collect({ env, flags }: Sources, known: Known): { given: Map<string, Given>; clashes: string[] } {
  const given = new Map<string, Given>();
  const clashes: string[] = [];
  const flagged = new Set(flags.map(({ name }) => name.toLowerCase()));
  for (const item of ours(env, known)) {
    const lower = item.name.toLowerCase();
    const other = given.get(lower);
    if (other === undefined || other.value.trim() === "") given.set(lower, item);
    else if (item.value.trim() !== "" && item.value.trim() !== other.value.trim() && !flagged.has(lower)) {
      clashes.push(`${shownName(other)} and ${shownName(item)} are both set, and differ: leave out one.`);
    }
  }
  for (const flag of flags) given.set(flag.name.toLowerCase(), flag);
  return { given, clashes };
}

/** The environment's variables that concern us. */
function ours(env: Sources["env"], known: Known): Given[] {
  const names = namesOf(known);
  const sections = new Set(names.filter((name) => name.includes("__")).map(sectionOf));
  const exact = new Set(names.map((name) => name.toLowerCase()));
  return Object.entries(env).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const named = exact.has(lower) || (name.includes("__") && sections.has(sectionOf(name)));
    const service = exact.has(lower) ? isServiceAddress(value) : isServiceVariable(name);
    return named && !service ? [{ name, value, as: name }] : [];
  });
}

function sectionOf(name: string): string {
  return name.slice(0, name.indexOf("__")).toLowerCase();
}

/** Variables that Kubernetes sets for a Service, whose name may look like one of our sections. */
function isServiceVariable(name: string): boolean {
  return /^[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?)$/
    .test(name);
}

/** A Service named `listen` makes Kubernetes set LISTEN_PORT to such a value. */
function isServiceAddress(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value);
}

/** What is wrong with a value, if anything. */
function problemWith(item: Given, { all, replaced }: Known): string[] {
  const { name, value } = item;
  const as = shownName(item);
  const lower = name.toLowerCase();
  const instead = Object.entries(replaced).find(([old]) => old.toLowerCase() === lower);
  if (instead && value.trim() === "") return [];
  if (instead) return [`${as} is not used any more: ${instead[1]}.`];
  const setting = Object.values(all).find((one) => one.name.toLowerCase() === lower);
  if (!setting) return [`${as} is not a setting of AutoCrane. Did you mean ${nearest(name, all)}?`];
  if (value.trim() === "" || setting.parse(value) !== undefined) return [];
  return [`${as} is ${JSON.stringify(value.slice(0, 100))}: expected ${setting.expected}.`];
}

/** A name as somebody wrote it, which may be anything, too. */
function shownName({ as }: Given): string {
  return as.slice(0, 100);
}

function nearest(name: string, all: Catalogue): string {
  const far = ({ name: other }: Setting<unknown>) => distance(other.toLowerCase(), name.toLowerCase());
  return Object.values(all).reduce((best, one) => (far(one) < far(best) ? one : best)).name;
}
