/**
 * What we keep of the objects of one kind: only what the caller's trim function makes of each.
 *
 * @module
 */
import type { ObjectMeta } from "../../k8s/meta_v1.ts";

/** Any Kubernetes object. */
export interface KubeObject {
  readonly metadata?: ObjectMeta;
}

/** What happened to one object: no `before` when it appeared, no `after` when it went. */
export interface Change<V> {
  readonly key: string;
  readonly before: V | undefined;
  readonly after: V | undefined;
}

interface Entry<V> {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: V;
  /** How many objects the store had taken before it. */
  readonly turn: number;
}

/** A complete list that is being read, page by page. */
export interface Listing<T> {
  /**
   * Takes an object of the list, also where it is older than the one held: after the server was restored from a
   * backup, that is how things are. Only what was taken since the list began is newer news.
   */
  take(object: T): void;
  /** The list is complete: forgets every object that it did not show. */
  done(): void;
}

/**
 * Compares resource versions of one kind: negative when `a` is older. They are decimal numbers of any length
 * (KEP-5504).
 */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** `namespace/name`, or the name alone where there is no namespace. */
export function keyOf({ metadata }: KubeObject): string {
  return metadata?.namespace ? `${metadata.namespace}/${metadata.name}` : metadata?.name ?? "";
}

/** What can be read of a store, whatever the objects are that it was filled from. */
export type StoreView<V> = Pick<Store<KubeObject, V>, "size" | "get" | "values" | "onChange">;

/** Objects by {@link keyOf}, trimmed. The whole object is dropped as soon as it was trimmed. */
export class Store<T extends KubeObject, V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #trim: (object: T) => V | undefined;
  #turn = 0;
  readonly #listeners: ((change: Change<V>) => void)[] = [];

  /** @param trim what to keep of an object; `undefined` keeps nothing of it */
  constructor(trim: (object: T) => V | undefined) {
    this.#trim = trim;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  *values(): IterableIterator<V> {
    for (const { value } of this.#entries.values()) yield value;
  }

  /** Calls `listener` after each change, while the store already shows it. It must not throw. */
  onChange(listener: (change: Change<V>) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes an object as seen by a list or a watch. An older version than the one held is passed over. */
  upsert(object: T): void {
    this.#take(object, () => true);
  }

  /**
   * Takes an object as the answer to our own write, so that the next look does not wait for the watch. It
   * never brings back what was deleted meanwhile.
   */
  written(object: T): void {
    if (this.#entries.get(keyOf(object))?.uid === object.metadata?.uid) this.upsert(object);
  }

  /** Forgets an object that was deleted. */
  remove(object: T): void {
    const held = this.#entries.get(keyOf(object));
    if (held && held.uid === (object.metadata?.uid ?? "")) this.#delete(keyOf(object));
  }

  /** Begins a complete list; where `namespace` alone is listed, of what is in it and the Namespace object itself. */
  list(namespace?: string): Listing<T> {
    const began = this.#turn;
    const seen = new Set<string>();
    const inScope = (key: string) =>
      namespace === undefined || key === namespace || key.startsWith(`${namespace}/`);
    return {
      take: (object) => {
        seen.add(keyOf(object));
        this.#take(object, ({ turn }) => turn >= began);
      },
      done: () => {
        for (const key of [...this.#entries.keys()]) {
          if (inScope(key) && !seen.has(key)) this.#delete(key);
        }
      },
    };
  }

  /** @param stays whether what is held stays, where the object is an older version of it */
  #take(object: T, stays: (held: Entry<V>) => boolean): void {
    const key = keyOf(object);
    const { uid = "", resourceVersion = "" } = object.metadata ?? {};
    const held = this.#entries.get(key);
    const older = held?.uid === uid && compareVersions(resourceVersion, held.resourceVersion) < 0;
    if (older && stays(held)) return;
    const value = this.#trim(object);
    if (value === undefined) return this.#delete(key);
    this.#entries.set(key, { uid, resourceVersion, value, turn: this.#turn++ });
    this.#tell({ key, before: held?.value, after: value });
  }

  #delete(key: string): void {
    const before = this.#entries.get(key)?.value;
    if (!this.#entries.delete(key)) return;
    this.#tell({ key, before, after: undefined });
  }

  #tell(change: Change<V>): void {
    for (const listener of this.#listeners) listener(change);
  }
}
