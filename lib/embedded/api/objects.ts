/**
 * The objects that the API keeps.
 *
 * @module
 */
import type { ObjectMeta } from "../../../k8s/meta_v1.ts";
import type { Resource } from "./resources.ts";

/** Any object. What is kept is never changed: a change is another object. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Where an object is: which resource, whose namespace, which name. */
export interface Place {
  readonly resource: Resource;
  /** Unset for resources without namespaces. */
  readonly namespace?: string;
  readonly name: string;
}

/** The key under which an object is kept. A slash sorts before all that a name may hold, so keys sort as names do. */
export function keyAt({ namespace, name }: Pick<Place, "namespace" | "name">): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The key under which an object is kept. */
export function keyOf({ metadata: { namespace, name } }: ApiObject): string {
  return keyAt({ namespace, name: name! });
}

/** For messages: the group and plural of a place, and its name. */
export function about({ resource, name }: Pick<Place, "resource" | "name">): {
  group: string;
  resource: string;
  name: string;
} {
  return { group: resource.group, resource: resource.plural, name };
}

/** The object with other metadata; fields that are `undefined` go away. */
export function withMetadata(object: ApiObject, changes: Partial<ObjectMeta>): ApiObject {
  return { ...object, metadata: defined({ ...object.metadata, ...changes }) };
}

/** A copy without the fields that are `undefined`. */
export function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** Whether nothing keeps an object that was told to go: no finalizer, no running process, no content. */
export function isFree({ metadata, spec, kind }: ApiObject): boolean {
  if ((metadata.finalizers ?? []).length > 0) return false;
  if (kind === "Namespace") return ((spec?.finalizers ?? []) as string[]).length === 0;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** A time as Kubernetes writes it: UTC, whole seconds. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A value of JSON, copied, so that nobody can reach what is kept. */
export function copyOf<T>(value: T): T {
  return structuredClone(value);
}

/** Whether two values of JSON say the same; the order of fields does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  for (const name of names) if (!sameJson(one[name], other[name])) return false;
  return true;
}
