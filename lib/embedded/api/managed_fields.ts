/**
 * Who wrote which annotation and label last (metadata.managedFields). Other fields are not tracked.
 *
 * @module
 */
import type { ManagedFieldsEntry } from "../../../k8s/meta_v1.ts";
import { type ApiObject, timestamp, withMetadata } from "./objects.ts";

/** Who writes. */
export interface Writer {
  readonly manager: string;
  readonly subresource?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const tracked = ["annotations", "labels"] as const;
type Tracked = typeof tracked[number];
/** What an entry owns, by kind of field. */
type Owned = Record<Tracked, Set<string>>;

/** The object with managedFields that say what `writer` changed of `before`. */
export function withOwners(before: ApiObject | undefined, after: ApiObject, writer: Writer): ApiObject {
  const changed = changes(before, after);
  const gone = removals(before, after);
  const held = before?.metadata.managedFields ?? [];
  const own = held.find((entry) => isBy(entry, writer));
  const entries = held.filter((entry) => entry !== own).map((entry) => without(entry, changed, gone));
  entries.push(extended(own, after, changed, gone, writer));
  const managedFields = entries.filter((entry) => entry !== undefined);
  return withMetadata(after, { managedFields: managedFields.length > 0 ? managedFields : undefined });
}

function isBy(entry: ManagedFieldsEntry, { manager, subresource }: Writer): boolean {
  return entry.manager === manager && (entry.subresource ?? "") === (subresource ?? "");
}

/** The keys whose values are new. */
function changes(before: ApiObject | undefined, after: ApiObject): Owned {
  const of = (field: Tracked) => {
    const old = before?.metadata[field] ?? {};
    return new Set(
      Object.entries(after.metadata[field] ?? {}).filter(([key, value]) => old[key] !== value).map(([key]) =>
        key
      ),
    );
  };
  return { annotations: of("annotations"), labels: of("labels") };
}

/** The keys that are no more. */
function removals(before: ApiObject | undefined, after: ApiObject): Owned {
  const of = (field: Tracked) => {
    const now = after.metadata[field] ?? {};
    return new Set(Object.keys(before?.metadata[field] ?? {}).filter((key) => !Object.hasOwn(now, key)));
  };
  return { annotations: of("annotations"), labels: of("labels") };
}

/** Another's entry after these keys were taken over or removed; `undefined` where nothing is left of it. */
function without(entry: ManagedFieldsEntry, ...taken: Owned[]): ManagedFieldsEntry | undefined {
  const owned = ownedBy(entry);
  let less = false;
  for (const field of tracked) {
    for (const keys of taken) for (const key of keys[field]) less = owned[field].delete(key) || less;
  }
  return less ? entryOf(entry, owned) : entry;
}

/** The writer's own entry with what it changed; its time moves only when what it owns does. */
function extended(
  own: ManagedFieldsEntry | undefined,
  { apiVersion }: ApiObject,
  changed: Owned,
  gone: Owned,
  { manager, subresource, at }: Writer,
): ManagedFieldsEntry | undefined {
  if (tracked.every((field) => changed[field].size === 0 && gone[field].size === 0)) return own;
  const owned = ownedBy(own ?? {});
  for (const field of tracked) {
    for (const key of changed[field]) owned[field].add(key);
    for (const key of gone[field]) owned[field].delete(key);
  }
  const entry = { manager, operation: "Update", apiVersion, time: timestamp(at), fieldsType: "FieldsV1" };
  return entryOf({ ...entry, ...(subresource && { subresource }) }, owned);
}

function ownedBy({ fieldsV1 }: ManagedFieldsEntry): Owned {
  const metadata = (fieldsV1 as Record<string, Record<string, object>> | undefined)?.["f:metadata"] ?? {};
  const of = (field: Tracked) =>
    new Set(
      Object.keys(metadata[`f:${field}`] ?? {}).filter((key) => key !== ".").map((key) => key.slice(2)),
    );
  return { annotations: of("annotations"), labels: of("labels") };
}

function entryOf(entry: ManagedFieldsEntry, owned: Owned): ManagedFieldsEntry | undefined {
  const metadata: Record<string, object> = {};
  for (const field of tracked) {
    if (owned[field].size === 0) continue;
    const keys = [...owned[field]].sort().map((key) => [`f:${key}`, {}]);
    metadata[`f:${field}`] = { ".": {}, ...Object.fromEntries(keys) };
  }
  return Object.keys(metadata).length === 0 ? undefined : { ...entry, fieldsV1: { "f:metadata": metadata } };
}
