/**
 * What there is, in versions: every write has a number, and for a while the past can be seen.
 *
 * @module
 */
import { expired } from "./errors.ts";
import { type ApiObject, keyOf, withMetadata } from "./objects.ts";

/** One write. */
export interface Change {
  /** The number of the write: the resource version of what it wrote. */
  readonly revision: number;
  readonly key: string;
  /** The object as it was; unset where it was created. */
  readonly before?: ApiObject;
  /** The object as it is. A deleted one is as it was last, with the version of its deletion. */
  readonly object: ApiObject;
  readonly deleted: boolean;
}

/** The objects of one kind. */
interface Table {
  readonly objects: Map<string, ApiObject>;
  /** The newest writes, oldest first. */
  readonly changes: Change[];
  readonly listeners: Set<(change: Change) => void>;
  /** The past can be seen down to this revision. */
  oldest: number;
}

/** How many writes of one kind are remembered. */
const remembered = 10_000;

/** Keeps objects by kind and key. */
export class ObjectStore {
  readonly #tables = new Map<string, Table>();
  // As on a real server, version 1 is long past: clients that make one up learn it.
  #revision = 100;

  /** The number of the newest write. */
  get revision(): number {
    return this.#revision;
  }

  get(storage: string, key: string): ApiObject | undefined {
    return this.#table(storage).objects.get(key);
  }

  /**
   * The objects of a kind, sorted by key, as they were after the write `revision`.
   *
   * @param namespace only those in it
   * @throws ApiError 410 where that is too long ago
   */
  list(storage: string, namespace?: string, revision: number = this.#revision): ApiObject[] {
    const table = this.#table(storage);
    const prefix = namespace === undefined ? "" : `${namespace}/`;
    return [...past(table, revision)]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Writes an object and gives it the write's number as its resource version. */
  write(storage: string, object: ApiObject): ApiObject {
    const key = keyOf(object);
    const before = this.#table(storage).objects.get(key);
    const written = this.#numbered(object);
    this.#table(storage).objects.set(key, written);
    this.#tell(storage, { key, object: written, deleted: false, ...(before && { before }) });
    return written;
  }

  /** Removes an object. */
  remove(storage: string, object: ApiObject): ApiObject {
    const key = keyOf(object);
    const removed = this.#numbered(object);
    this.#table(storage).objects.delete(key);
    this.#tell(storage, { key, before: object, object: removed, deleted: true });
    return removed;
  }

  /**
   * Calls `listener` with each write of a kind from now on; first, at once, with those after `revision`.
   *
   * @returns what ends it
   * @throws ApiError 410 where `revision` is too long ago
   */
  follow(storage: string, revision: number, listener: (change: Change) => void): () => void {
    const table = this.#table(storage);
    refuseIfForgotten(table, revision);
    for (const change of table.changes) if (change.revision > revision) listener(change);
    // Who follows from a version that is still to come hears nothing older.
    const heard = (change: Change) => {
      if (change.revision > revision) listener(change);
    };
    table.listeners.add(heard);
    return () => table.listeners.delete(heard);
  }

  /** Forgets the past. */
  compact(): void {
    for (const table of this.#tables.values()) {
      table.changes.length = 0;
      table.oldest = this.#revision;
    }
  }

  #table(storage: string): Table {
    const held = this.#tables.get(storage);
    if (held) return held;
    const table: Table = { objects: new Map(), changes: [], listeners: new Set(), oldest: this.#revision };
    this.#tables.set(storage, table);
    return table;
  }

  #numbered(object: ApiObject): ApiObject {
    return withMetadata(object, { resourceVersion: String(++this.#revision) });
  }

  #tell(storage: string, what: Omit<Change, "revision">): void {
    const table = this.#table(storage);
    const change = { ...what, revision: this.#revision };
    table.changes.push(change);
    if (table.changes.length > remembered) table.oldest = table.changes.shift()!.revision;
    for (const listener of table.listeners) listener(change);
  }
}

/** A table's objects after the write `revision`: what was written since is taken back, newest first. */
function past(table: Table, revision: number): Map<string, ApiObject> {
  const since = table.changes.filter((change) => change.revision > revision);
  if (since.length === 0 && revision >= table.oldest) return table.objects;
  refuseIfForgotten(table, revision);
  const objects = new Map(table.objects);
  for (const { key, before } of since.reverse()) {
    if (before) objects.set(key, before);
    else objects.delete(key);
  }
  return objects;
}

function refuseIfForgotten({ oldest }: Table, revision: number): void {
  if (revision < oldest) throw expired(`too old resource version: ${revision} (${oldest})`);
}
