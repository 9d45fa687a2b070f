/**
 * Strategic merge patches: merge patches that know by which field the elements of a list are told apart.
 *
 * What each field wants is in Kubernetes' published schemas (`x-kubernetes-patch-merge-key`,
 * `x-kubernetes-patch-strategy`); what a patch may say beside values is described in Kubernetes' "Update API
 * Objects in Place Using kubectl patch": `$patch`, `$retainKeys`, `$setElementOrder/FIELD` and
 * `$deleteFromPrimitiveList/FIELD`.
 *
 * @module
 */
import { badRequest } from "./errors.ts";
import type { Resource } from "./resources.ts";
import { type Definition, definitionOf, definitionOfKind, type Schema } from "./schema/specs.ts";
import { mergeLists, ordered, positions } from "./strategic_lists.ts";

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";
const retainKeys = "$retainKeys";

/**
 * What an object becomes by a patch; neither of them is changed.
 *
 * @throws ApiError 400 where the patch cannot be applied
 */
export function strategicMerge(resource: Resource, object: object, patch: Fields): object {
  return mergeObjects(object as Fields, patch, definitionOfKind(resource));
}

/** Merges a patch into the object that a definition describes. */
export function mergeObjects(held: Fields, patch: Fields, { schema }: Definition): Fields {
  if (patch.$patch !== undefined) return replaced(patch);
  const merged = new Map(Object.entries(retained(held, patch)));
  for (const [field, value] of Object.entries(patch)) {
    if (field === retainKeys || field.startsWith(orderPrefix)) continue;
    if (field.startsWith(deletePrefix)) deleteFrom(merged, field.slice(deletePrefix.length), value);
    else setField(merged, field, value, fieldOf(schema, field));
  }
  for (const [field, value] of Object.entries(patch)) {
    if (!field.startsWith(orderPrefix)) continue;
    const name = field.slice(orderPrefix.length);
    order({
      merged,
      held,
      patch,
      name,
      order: listIn(field, value),
      mergeKey: fieldOf(schema, name).mergeKey,
    });
  }
  return Object.fromEntries(merged);
}

/** An object whose patch says what happens with it as a whole. */
function replaced({ $patch, ...rest }: Fields): Fields {
  if ($patch === "replace") return rest;
  if ($patch === "delete") return {};
  throw badRequest(`unknown patch type: ${JSON.stringify($patch)} in the patch ${JSON.stringify(rest)}`);
}

/** What the patch lets stay of an object. */
function retained(held: Fields, patch: Fields): Fields {
  if (!Object.hasOwn(patch, retainKeys)) return held;
  const keys = patch[retainKeys];
  const set = Object.entries(patch).filter(([field, value]) => value !== null && !field.startsWith("$"));
  if (!Array.isArray(keys) || !set.every(([field]) => keys.includes(field))) {
    throw badRequest(
      `invalid patch format of retainKeys: ${retainKeys} must list every field that is set beside it`,
    );
  }
  return Object.fromEntries(Object.entries(held).filter(([field]) => keys.includes(field)));
}

/** How a field is patched. */
interface Field {
  readonly definition: Definition;
  readonly mergeKey: string | undefined;
  readonly strategies: readonly string[];
}

/** Of a field that no schema knows nothing special is known: objects are merged, lists replaced. */
function fieldOf({ properties, additionalProperties }: Schema, name: string): Field {
  const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
  const schema = own ?? additionalProperties ?? {};
  return {
    definition: definitionOf(schema),
    mergeKey: schema["x-kubernetes-patch-merge-key"],
    strategies: schema["x-kubernetes-patch-strategy"]?.split(",") ?? [],
  };
}

function setField(merged: Map<string, unknown>, name: string, value: unknown, field: Field): void {
  const held = merged.get(name);
  if (value === null) merged.delete(name);
  else if (isObject(held) && isObject(value)) {
    merged.set(
      name,
      field.strategies.includes("replace") ? value : mergeObjects(held, value, field.definition),
    );
  } else if (Array.isArray(held) && Array.isArray(value)) {
    merged.set(name, mergedList(held, value, field));
  } else if (isDirective(value)) merged.delete(name);
  else merged.set(name, withoutDirectives(value));
}

function mergedList(held: readonly unknown[], value: readonly unknown[], field: Field): readonly unknown[] {
  if (!field.strategies.includes("merge")) return value;
  const items = definitionOf(field.definition.schema.items!);
  return mergeLists(held, value, {
    mergeKey: field.mergeKey,
    merge: (element, patch) => mergeObjects(element, patch, items),
  });
}

function deleteFrom(merged: Map<string, unknown>, name: string, values: unknown): void {
  const held = merged.get(name);
  if (!Array.isArray(held) || !Array.isArray(values)) return;
  merged.set(name, held.filter((one) => !values.includes(one)));
}

/** A list whose order the patch says. */
interface Ordering {
  readonly merged: Map<string, unknown>;
  readonly held: Fields;
  readonly patch: Fields;
  readonly name: string;
  readonly order: readonly unknown[];
  readonly mergeKey: string | undefined;
}

function order({ merged, held, patch, name, order, mergeKey }: Ordering): void {
  const list = merged.get(name);
  if (list === undefined) return;
  if (mergeKey !== undefined && !order.every(isObject)) {
    throw badRequest(`expected objects in ${orderPrefix}${name}: ${JSON.stringify(order)}`);
  }
  const patched = listIn(name, patch[name] ?? []).filter((one) => !isDirective(one));
  const places = patched.map(positions(order, mergeKey));
  const follows = places.every((place, index) => place !== undefined && place >= (places[index - 1] ?? 0));
  if (order.length > 0 && !follows) {
    throw badRequest(
      `the order in the patch list "${name}" does not match ${orderPrefix}${name}: ${JSON.stringify(order)}`,
    );
  }
  merged.set(name, ordered(listIn(name, list), order, listIn(name, held[name] ?? []), mergeKey));
}

function listIn(field: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw badRequest(`expected a list as "${field}" of the patch, but received ${JSON.stringify(value)}`);
}

/** A value that is new to its object. Directives in it have nothing to say, and go with what they stand in. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => !isDirective(one)).map(withoutDirectives);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && !isDirective(inner));
  return Object.fromEntries(kept.map(([field, inner]) => [field, withoutDirectives(inner)]));
}

function isDirective(value: unknown): boolean {
  return isObject(value) && value.$patch !== undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
