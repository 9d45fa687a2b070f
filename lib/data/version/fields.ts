/**
 * Reads fields of JSON that somebody else wrote. Everything throws what `refuse` makes of the words.
 *
 * @module
 */
import { type Digest, parseDigest } from "../../contract/ids.ts";

/** An object of JSON whose fields may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** Makes the error to throw, of words such as `"size" is no whole number`. */
export type Refuse = (problem: string) => Error;

/** An object, and no array. */
export function objectOf(value: unknown, what: string, refuse: Refuse): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse(`${what} is no object`);
  }
  return value as Fields;
}

/** An array. */
export function arrayOf(value: unknown, what: string, refuse: Refuse): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(`${what} is no list`);
  return value;
}

/** Text. */
export function textOf(value: unknown, what: string, refuse: Refuse): string {
  if (typeof value !== "string") throw refuse(`${what} is no text`);
  return value;
}

/** A whole number from `min` to what is exact in JSON. */
export function wholeOf(value: unknown, what: string, refuse: Refuse, min = 0): number {
  if (!Number.isSafeInteger(value) || Number(value) < min) {
    throw refuse(`${what} is no whole number of at least ${min}`);
  }
  return Number(value);
}

/** A digest. */
export function digestOf(value: unknown, what: string, refuse: Refuse): Digest {
  const digest = parseDigest(textOf(value, what, refuse));
  if (digest === undefined) throw refuse(`${what} is no sha256 digest`);
  return digest;
}

/** UTF-8 of JSON. */
export function parseJson(bytes: Uint8Array, what: string, refuse: Refuse): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refuse(`${what} is not JSON`);
  }
}
