/**
 * The kinds of settings: each knows its name, what it expects, and how its text becomes a value.
 *
 * @module
 */
import * as v from "valibot";

/**
 * One setting: `Section__Key` in the environment, `--Section:Key=value` on the command line. A few names have no
 * section: `NAME` and `--NAME=value`.
 */
export interface Setting<T> {
  /** As in the environment, for instance `AutoCrane__Namespaces`. */
  readonly name: string;
  readonly help: string;
  /** What a value looks like, in words, for errors and help. */
  readonly expected: string;
  /** The value where nothing is set, and how help shows it. A required setting has none. */
  readonly fallback: { readonly value: T; readonly shown: string } | undefined;
  /** The value that the text means, or `undefined` where it means none. */
  parse(text: string): T | undefined;
}

type Described = { readonly help: string; readonly required?: boolean };

function setting<T>(
  name: string,
  { help, required }: Described,
  expected: string,
  fallback: { value: T; shown: string },
  schema: v.GenericSchema<string, T>,
): Setting<T> {
  return {
    name,
    help,
    expected,
    fallback: required ? undefined : fallback,
    parse(text) {
      const result = v.safeParse(schema, text.trim());
      return result.success ? result.output : undefined;
    },
  };
}

const number = v.pipe(v.string(), v.regex(/^\d{1,9}(\.\d{1,3})?$/), v.transform(Number));

/** A duration written in seconds; its value is in milliseconds. */
export function seconds(
  name: string,
  described: Described & { readonly default: number; readonly min?: number; readonly max?: number },
): Setting<number> {
  const { default: fallback, min = 0, max = 86_400 } = described;
  return setting(
    name,
    described,
    `a number of seconds from ${min} to ${max}`,
    { value: fallback * 1000, shown: String(fallback) },
    v.pipe(number, v.minValue(min), v.maxValue(max), v.transform((value) => value * 1000)),
  );
}

/** A duration in seconds that may be left out; its value is in milliseconds, or `undefined`. */
export function optionalSeconds(
  name: string,
  described: Described & { shown: string },
): Setting<number | undefined> {
  return setting<number | undefined>(
    name,
    described,
    "a number of seconds from 0 to 86400",
    { value: undefined, shown: described.shown },
    v.pipe(number, v.maxValue(86_400), v.transform((value) => value * 1000)),
  );
}

/** A duration in whole seconds that may be left out; its value is in milliseconds, or `undefined`. */
export function optionalWholeSeconds(
  name: string,
  described: Described & { readonly shown: string },
): Setting<number | undefined> {
  return setting<number | undefined>(
    name,
    described,
    "a whole number of seconds from 0 to 86400",
    { value: undefined, shown: described.shown },
    v.pipe(number, v.integer(), v.maxValue(86_400), v.transform((value) => value * 1000)),
  );
}

/** A whole number. */
export function count(
  name: string,
  described: Described & { readonly default: number; readonly min?: number; readonly max?: number },
): Setting<number> {
  const { default: fallback, min = 0, max = 1_000_000 } = described;
  return setting(
    name,
    described,
    `a whole number from ${min} to ${max}`,
    { value: fallback, shown: String(fallback) },
    v.pipe(number, v.integer(), v.minValue(min), v.maxValue(max)),
  );
}

/** `true` or `false`, in any case. */
export function flag(name: string, described: Described & { readonly default?: boolean }): Setting<boolean> {
  const fallback = described.default ?? false;
  return setting(
    name,
    described,
    "true or false",
    { value: fallback, shown: String(fallback) },
    v.pipe(
      v.string(),
      v.toLowerCase(),
      v.picklist(["true", "false"]),
      v.transform((text) => text === "true"),
    ),
  );
}

/** One of a few words, in any case. */
export function choice<const W extends string>(
  name: string,
  described: Described & { readonly words: readonly W[]; readonly default: NoInfer<W> },
): Setting<W> {
  return setting<W>(
    name,
    described,
    described.words.join(" or "),
    { value: described.default, shown: described.default },
    v.pipe(v.string(), v.toLowerCase(), v.picklist(described.words as readonly [W, ...W[]])),
  );
}

/** Free text. */
export function text(name: string, described: Described & { readonly default?: string }): Setting<string> {
  const fallback = described.default ?? "";
  return setting(name, described, "a text", { value: fallback, shown: fallback || "none" }, v.string());
}

/** Comma-separated names, at least one; each must match `each`, and `*`, which is all, stands alone. */
export function names(
  name: string,
  described: Described & { readonly each: RegExp; readonly expected: string },
): Setting<string[]> {
  const split = (value: string) => [...new Set(value.split(",").map((item) => item.trim()).filter(Boolean))];
  return setting(
    name,
    described,
    described.expected,
    { value: [], shown: "none" },
    v.pipe(
      v.string(),
      v.transform(split),
      v.array(v.pipe(v.string(), v.regex(described.each))),
      v.minLength(1),
      v.check((all) => all.length === 1 || !all.includes("*")),
    ),
  );
}
