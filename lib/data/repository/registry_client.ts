/**
 * Pushing to an OCI registry
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push).
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { type Clock, within } from "../../runtime/clock.ts";
import { oneLine } from "../../runtime/one_line.ts";
import type { BlobFolder } from "../blobs/blob_folder.ts";

/** A registry, and the repository in it that is pushed to. */
export interface RegistryPlace {
  /** `http://` or `https://` and the host, without a slash at its end. */
  readonly origin: string;
  /** The repository's name. */
  readonly name: string;
}

/** Longest that asking may take, and that sending a blob may, milliseconds. */
const limits = { ask: 10_000, send: 600_000 };

/** Hosts of this machine: registries there speak plain HTTP. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/**
 * Reads `host/repository`; plain HTTP is spoken with this machine alone.
 *
 * @returns what is wrong in words where it is none
 */
export function parseRegistry(text: string): RegistryPlace | { readonly problem: string } {
  const match = /^([a-zA-Z0-9.-]+(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?)\/(.+)$/.exec(text.trim());
  const expected = 'expected "host/repository", as "registry.example.com/team/data"';
  if (!match) return { problem: expected };
  const [, host = "", name = ""] = match;
  if (!/^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(name)) {
    return { problem: `the repository's name has other characters than a-z, 0-9 and . _ - /: ${expected}` };
  }
  return { origin: `${loopback.test(host) ? "http" : "https"}://${host}`, name };
}

/** Pushes blobs and manifests, without credentials. */
export class RegistryClient {
  readonly #place: RegistryPlace;
  readonly #clock: Clock;

  constructor(place: RegistryPlace, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  /** Where a blob is. */
  blobUrl(digest: Digest): string {
    return `${this.#base}/blobs/${digest}`;
  }

  /** Asks whether a registry is there at all. Throws in words where not. */
  async ping(signal: AbortSignal): Promise<void> {
    await this.#call("GET", `${this.#place.origin}/v2/`, [200, 401], signal, limits.ask);
  }

  /** Sends a blob, if it is not there. */
  async pushBlob(digest: Digest, blobs: BlobFolder, signal: AbortSignal): Promise<void> {
    const url = this.blobUrl(digest);
    const { status } = await this.#call("HEAD", url, [200, 404], signal, limits.ask);
    if (status === 200) return;
    const begun = await this.#call("POST", `${this.#base}/blobs/uploads/`, [202], signal, limits.ask);
    const upload = new URL(begun.headers.get("location") ?? "", url);
    if (upload.origin !== new URL(url).origin) throw new Error(`the registry names another host for uploads`);
    upload.searchParams.set("digest", digest);
    await this.#call("PUT", upload.href, [201], signal, limits.send, {
      headers: { "content-type": "application/octet-stream", "content-length": String(blobs.size(digest)) },
      body: blobs.stream(digest),
    });
  }

  /** Sends a manifest, whose blobs are there, under a tag. */
  async pushManifest(tag: string, manifest: Uint8Array, type: string, signal: AbortSignal): Promise<void> {
    await this.#call("PUT", `${this.#base}/manifests/${tag}`, [201], signal, limits.ask, {
      headers: { "content-type": type },
      body: manifest as Uint8Array<ArrayBuffer>,
    });
  }

  get #base(): string {
    return `${this.#place.origin}/v2/${this.#place.name}`;
  }

  async #call(
    method: string,
    url: string,
    expected: readonly number[],
    signal: AbortSignal,
    limit: number,
    init: RequestInit = {},
  ): Promise<Response> {
    return await within(this.#clock, limit, signal, async (signal) => {
      const answer = await fetch(url, { ...init, method, signal });
      if (expected.includes(answer.status)) {
        await answer.body?.cancel();
        return answer;
      }
      const words = oneLine(await answer.text(), 200);
      throw new Error(`${method} ${new URL(url).pathname}: HTTP ${answer.status} ${words}`);
    });
  }
}
