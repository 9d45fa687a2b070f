/**
 * Versions to fetch, and a registry that serves them, well or badly.
 *
 * @module
 */
import { type DataVersion, formatPath } from "../../../lib/contract/data_version.ts";
import { type Digest, parseDigest } from "../../../lib/contract/ids.ts";
import { layoutSource } from "../../../lib/data/fetch/layout_source.ts";
import { LayerStore } from "../../../lib/data/version/layer_store.ts";
import type { Manifest } from "../../../lib/data/version/manifest.ts";
import { packFolder } from "../../../lib/data/version/pack.ts";
import { plant, type Planted } from "../version/support.ts";

/** A version that can be fetched. */
export type Made = DataVersion & { readonly manifest: Manifest };

/** Versions in a layout folder. */
export class Upstream implements Disposable {
  readonly folder: string;
  readonly #store: LayerStore;
  #count = 0;

  private constructor(folder: string, store: LayerStore) {
    this.folder = folder;
    this.#store = store;
  }

  /** @param folder an empty folder of its own */
  static async open(folder: string): Promise<Upstream> {
    return new Upstream(folder, await LayerStore.open(`${folder}/layout`));
  }

  /** The layout's folder. */
  get layout(): string {
    return `${this.folder}/layout`;
  }

  /** Reads from the layout itself. */
  get source(): ReturnType<typeof layoutSource> {
    return layoutSource(this.layout);
  }

  /** Makes a version of these things. */
  async make(things: Readonly<Record<string, Planted>>): Promise<Made> {
    const tree = `${this.folder}/tree-${++this.#count}`;
    await Deno.mkdir(tree);
    plant(tree, things);
    return await this.pack(tree);
  }

  /** Makes a version of a folder. */
  async pack(tree: string): Promise<Made> {
    const { digest, version, manifest } = await packFolder(tree, this.#store, { still: true });
    const time = 1_700_000_000 + this.#count;
    const path = formatPath(time, digest.slice(7, 19));
    return { path, hash: digest.slice(7).toUpperCase(), time, digest, version, manifest };
  }

  /** The bytes of a manifest or blob; `undefined` where there is none. */
  read(digest: Digest): Uint8Array | undefined {
    return this.#store.blobs.has(digest) ? this.#store.blobs.read(digest) : undefined;
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }
}

/** A question to a registry, and the bytes that it asks for. */
export interface Asked {
  readonly request: Request;
  readonly kind: "manifests" | "blobs";
  readonly bytes: Uint8Array;
  /** First and last byte that are asked for; all where there is no range. */
  readonly first: number;
  readonly last: number;
}

/** Answers in another way than it should; `undefined` answers well. */
export type Misbehaviour = (asked: Asked, count: number) => Response | Promise<Response> | undefined;

/** A registry on loopback, and what was asked of it. */
export interface TestRegistry extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
  misbehave: Misbehaviour;
}

/** Serves blobs as a registry does. */
export function serveRegistry(read: (digest: Digest) => Uint8Array | undefined, port = 0): TestRegistry {
  const asked: Asked[] = [];
  const onListen = () => {};
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen }, async (request) => {
    const match = /^\/v2\/[^/]+\/(manifests|blobs)\/(.+)$/.exec(new URL(request.url).pathname);
    const digest = match && parseDigest(match[2]!);
    const bytes = digest ? read(digest) : undefined;
    if (!bytes) return new Response("no such thing", { status: 404 });
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
    const first = range ? Number(range[1]) : 0;
    const last = range ? Math.min(Number(range[2]), bytes.length - 1) : bytes.length - 1;
    const one: Asked = { request, kind: match![1] as Asked["kind"], bytes, first, last };
    asked.push(one);
    return await registry.misbehave(one, asked.length) ?? answer(one);
  });
  const registry: TestRegistry = {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    misbehave: () => undefined,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return registry;
}

/** What a registry should answer. */
export function answer({ request, bytes, first, last }: Asked): Response {
  if (!request.headers.has("range")) return new Response(bytes as BodyInit);
  return new Response(bytes.slice(first, last + 1), {
    status: 206,
    headers: { "content-range": `bytes ${first}-${last}/${bytes.length}` },
  });
}
