/**
 * An API server's lists and watches in memory.
 *
 * @module
 */
import type { KubeClient, KubeRequest, WatchEvent } from "../../k8s/client.ts";
import type { KubeObject } from "../../lib/kube/store.ts";

interface Watcher {
  readonly shows: (plural: string, object: KubeObject) => boolean;
  readonly send: (event: WatchEvent<unknown>) => void;
  readonly fail: (error: Error) => void;
}

/** Holds objects by the plural of their kind, and shows them to who lists and watches. */
export class FakeApi implements KubeClient {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #watchers = new Set<Watcher>();
  #version = 100;
  #broken: Error | undefined;

  /** Creates or replaces an object. It gets a new resourceVersion. */
  put(plural: string, object: KubeObject): void {
    const { namespace = "", name } = object.metadata!;
    const held = this.#objects.get(plural) ?? new Map<string, KubeObject>();
    this.#objects.set(plural, held);
    const key = `${namespace}/${name}`;
    const type = held.has(key) ? "MODIFIED" : "ADDED";
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    held.set(key, written);
    this.#tell(plural, type, written);
  }

  /** Deletes an object. */
  remove(plural: string, namespace: string, name: string): void {
    const held = this.#objects.get(plural)!;
    const object = held.get(`${namespace}/${name}`)!;
    held.delete(`${namespace}/${name}`);
    this.#tell(plural, "DELETED", object);
  }

  /** From now on every call fails so, and every watch ends so; `undefined` ends that. */
  fail(error: Error | undefined): void {
    this.#broken = error;
    if (!error) return;
    for (const watcher of this.#watchers) watcher.fail(error);
  }

  json<T>(request: KubeRequest): Promise<T> {
    if (this.#broken) return Promise.reject(this.#broken);
    const { plural, shows } = selectionOf(request);
    const items = [...this.#objects.get(plural)?.values() ?? []].filter((object) => shows(plural, object));
    return Promise.resolve({ metadata: { resourceVersion: String(this.#version) }, items } as T);
  }

  async *watch<T>(request: KubeRequest): AsyncIterable<WatchEvent<T>> {
    const waiting: WatchEvent<unknown>[] = [];
    let more = Promise.withResolvers<void>();
    const watcher: Watcher = {
      shows: selectionOf(request).shows,
      send: (event) => {
        waiting.push(event);
        more.resolve();
      },
      fail: (error) => more.reject(error),
    };
    request.signal?.addEventListener("abort", () => more.resolve());
    this.#watchers.add(watcher);
    try {
      while (!request.signal?.aborted) {
        await more.promise;
        more = Promise.withResolvers();
        yield* waiting.splice(0) as WatchEvent<T>[];
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  text(): Promise<string> {
    return Promise.reject(new Error("nobody reads text here"));
  }

  stream(): Promise<ReadableStream<Uint8Array>> {
    return Promise.reject(new Error("nobody reads a stream here"));
  }

  #tell(plural: string, type: "ADDED" | "MODIFIED" | "DELETED", object: KubeObject): void {
    for (const { shows, send } of this.#watchers) if (shows(plural, object)) send({ type, object });
  }
}

/** What a list or a watch is about. */
function selectionOf({ path, query }: KubeRequest): { plural: string; shows: Watcher["shows"] } {
  const match = /\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(path)!;
  const [, namespace, plural] = match;
  const name = String(query?.fieldSelector ?? "").replace("metadata.name=", "");
  return {
    plural: plural!,
    shows: (kind, { metadata }) =>
      kind === plural && (namespace === undefined || metadata?.namespace === namespace) &&
      (name === "" || metadata?.name === name),
  };
}
