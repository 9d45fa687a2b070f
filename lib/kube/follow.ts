/**
 * Following one kind of object in every namespace that is watched.
 *
 * @module
 */
import type { Random } from "../runtime/backoff.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { Reflector, type Source } from "./reflector.ts";
import { type KubeObject, Store, type StoreView } from "./store.ts";

/** What is followed, and how. */
export interface FollowOptions<T extends KubeObject, V> {
  /** The kind in the plural, for log lines. */
  readonly what: string;
  /** The namespaces; a single `*` is all of them. */
  readonly namespaces: readonly string[];
  /** The list and watch calls for one namespace, or for all where none is given. */
  readonly source: (namespace: string | undefined) => Source<T>;
  /** What to keep of an object; `undefined` keeps nothing of it. */
  readonly trim: (object: T) => V | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/** A store that follows an API server, for who only reads it. */
export interface FollowedView<V> {
  readonly store: StoreView<V>;
  /** Resolves when every namespace was listed once. */
  readonly synced: Promise<void>;
  /** Whether the store follows the server now, in every namespace. */
  current(): boolean;
  /** Why it does not, where it does not. */
  trouble(): string | undefined;
  /** Follows until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** A store that follows an API server, and can be told of our own writes. */
export interface Followed<T extends KubeObject, V> extends FollowedView<V> {
  readonly store: Store<T, V>;
}

/** Makes a store with one reflector a namespace, or one for all of them. */
export function follow<T extends KubeObject, V>(options: FollowOptions<T, V>): Followed<T, V> {
  const { what, namespaces, source, trim, clock, log, random } = options;
  const store = new Store(trim);
  const all = namespaces.includes("*");
  const reflectors = (all ? [undefined] : namespaces).map((namespace) =>
    new Reflector({
      what: namespace === undefined ? what : `${what} in ${namespace}`,
      source: source(namespace),
      store,
      clock,
      log,
      ...(namespace !== undefined && { namespace }),
      ...(random && { random }),
    })
  );
  return {
    store,
    synced: Promise.all(reflectors.map(({ synced }) => synced)).then(() => {}),
    current: () => reflectors.every(({ current }) => current),
    trouble: () => reflectors.find(({ trouble }) => trouble !== undefined)?.trouble,
    run: async (signal) => void await Promise.all(reflectors.map((reflector) => reflector.run(signal))),
  };
}
