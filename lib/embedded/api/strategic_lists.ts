/**
 * How strategic merge patches merge lists: by element, in an order of which both sides have a say.
 *
 * @module
 */
import { badRequest } from "./errors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How the elements of a list are told apart and merged. */
export interface ElementRules {
  /** The field by which objects are the same element; unset for lists of plain values. */
  readonly mergeKey: string | undefined;
  readonly merge: (held: Fields, patch: Fields) => Fields;
}

/**
 * Merges the elements of a patch into a list.
 *
 * @throws ApiError 400 where elements of the patch lack their merge key, or say what cannot be done
 */
export function mergeLists(
  held: readonly unknown[],
  patch: readonly unknown[],
  rules: ElementRules,
): readonly unknown[] {
  const { mergeKey } = rules;
  if (mergeKey === undefined) return ordered([...new Set([...held, ...patch])], patch, held, mergeKey);
  const elements = patch.map((one) => elementOf(one, mergeKey));
  const values = elements.filter(({ $patch }) => $patch === undefined);
  if (elements.some(({ $patch }) => $patch === "replace")) return values;
  const deleted = elements.filter(({ $patch }) => $patch === "delete").map((one) => one[mergeKey]);
  const stayed = (held as readonly Fields[]).filter((one) => !deleted.includes(one[mergeKey]));
  const merged = [...stayed];
  for (const one of values) {
    const at = merged.findIndex((other) => other[mergeKey] === one[mergeKey]);
    if (at < 0) merged.push(one);
    else merged[at] = rules.merge(merged[at]!, one);
  }
  return ordered(merged, values, stayed, mergeKey);
}

/** An element of a patch, if it can be told which one it is of the list. */
function elementOf(value: unknown, mergeKey: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest(`list element types are not identical: ${JSON.stringify(value)} is not an object`);
  }
  const element = value as Fields;
  const { $patch } = element;
  if ($patch === "merge") throw badRequest("merging lists cannot yet be specified in the patch");
  if ($patch !== undefined && $patch !== "delete" && $patch !== "replace") {
    throw badRequest(`unknown patch type: ${JSON.stringify($patch)} in ${JSON.stringify(element)}`);
  }
  if ($patch !== "replace" && element[mergeKey] === undefined) {
    throw badRequest(`${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
  }
  return element;
}

/**
 * Sorts a list: what the patch names in the patch's order, the rest as it was. Where the two meet, an element
 * of the rest comes first if it stood before the patch's next one.
 */
export function ordered(
  list: readonly unknown[],
  patchOrder: readonly unknown[],
  heldOrder: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const inPatch = positions(patchOrder, mergeKey);
  const inHeld = positions(heldOrder, mergeKey);
  const named = sorted(list.filter((one) => inPatch(one) !== undefined), inPatch);
  const others = sorted(list.filter((one) => inPatch(one) === undefined), inHeld);
  const result: unknown[] = [];
  for (const one of others) {
    const at = inHeld(one) ?? -1;
    while (named.length > 0 && !(at >= 0 && at < (inHeld(named[0]) ?? -1))) result.push(named.shift());
    result.push(one);
  }
  return [...result, ...named];
}

/** Where each element stands first in a list; `undefined` for what is not in it. */
export function positions(
  list: readonly unknown[],
  mergeKey: string | undefined,
): (one: unknown) => number | undefined {
  const identity = (one: unknown) => mergeKey === undefined ? one : (one as Fields)[mergeKey];
  const places = new Map<unknown, number>();
  for (const [index, one] of list.entries()) {
    if (!places.has(identity(one))) places.set(identity(one), index);
  }
  return (one) => places.get(identity(one));
}

function sorted(list: readonly unknown[], at: (one: unknown) => number | undefined): unknown[] {
  return [...list].sort((a, b) => (at(a) ?? 0) - (at(b) ?? 0));
}
