/**
 * A registry that versions are pushed to, and that deployers are sent to for their blobs while it is well.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { mediaType } from "../version/manifest.ts";
import type { RegistryClient } from "./registry_client.ts";
import type { Repository } from "./repository.ts";
import { type StoredVersion, tagOf } from "./stored_version.ts";

/** What a mirror needs. */
export interface MirrorOptions {
  readonly repository: Repository;
  readonly registry: RegistryClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** From one look at the registry to the next, milliseconds, where no version comes meanwhile. */
const every = 15_000;

/** After so long, milliseconds, nothing is believed to be there any more: registries clean up as well. */
const askAgain = 600_000;

/** Longest tag that a registry takes. */
const maxTag = 128;

/** Keeps a registry in step with what is here. */
export class Mirror {
  readonly #options: MirrorOptions;
  /** Blobs that are known to be there, and versions whose manifests are. */
  readonly #there = new Set<Digest>();
  #trouble: string | undefined = "not asked yet";
  /** When it was last asked for everything, on the monotonic clock. */
  #askedAll = -Infinity;

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  /** Where a blob can be had instead of here; `undefined` where it cannot, or the registry is not well. */
  urlOf(digest: Digest): string | undefined {
    return this.#trouble === undefined && this.#there.has(digest)
      ? this.#options.registry.blobUrl(digest)
      : undefined;
  }

  /** Pushes what comes until the signal aborts. A registry that fails is told once, and asked again. */
  async run(signal: AbortSignal): Promise<void> {
    const { repository: { announcement }, clock } = this.#options;
    while (!signal.aborted) {
      const { etag } = announcement;
      if (!await this.#inStep(signal)) await sleep(clock, every, signal);
      else if (etag === announcement.etag) await announcement.another(every, signal);
    }
  }

  async #inStep(signal: AbortSignal): Promise<boolean> {
    const { log } = this.#options;
    try {
      await this.turn(signal);
      if (this.#trouble !== undefined) log.info("the registry is in step");
      this.#trouble = undefined;
    } catch (error) {
      const words = messageOf(error);
      if (words !== this.#trouble && !signal.aborted) {
        log.warn("cannot push to the registry", { error: words });
      }
      this.#trouble = words;
    }
    return this.#trouble === undefined;
  }

  /** Pushes every version that is not there, the newest first. */
  async turn(signal: AbortSignal): Promise<void> {
    const { repository, registry, clock } = this.#options;
    await registry.ping(signal);
    if (clock.monotonic() - this.#askedAll > askAgain) {
      this.#there.clear();
      this.#askedAll = clock.monotonic();
    }
    for (const source of repository.sources) {
      for (const version of repository.versionsOf(source).toReversed()) {
        await this.#push(source, version, signal);
      }
    }
  }

  async #push(source: string, version: StoredVersion, signal: AbortSignal): Promise<void> {
    if (this.#there.has(version.digest)) return;
    const { repository, registry } = this.#options;
    const { blobs } = repository.store;
    const { config, layers } = repository.manifest(version.digest);
    for (const { digest } of [config, ...layers]) {
      if (this.#there.has(digest)) continue;
      await registry.pushBlob(digest, blobs, signal);
      this.#there.add(digest);
    }
    const tag = `${source}-${tagOf(version)}`.slice(0, maxTag);
    await registry.pushManifest(tag, blobs.read(version.digest), mediaType.manifest, signal);
    this.#there.add(version.digest);
  }
}
