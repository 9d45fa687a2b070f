/**
 * The folder that data is deployed to.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import type { Digest } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { type BlobSource, FetchFailure } from "../fetch/blob_source.ts";
import type { Files } from "../fetch/files.ts";
import { statOf } from "../fetch/stamp.ts";
import type { Limits } from "../version/limits.ts";
import { cleanUp } from "./cleanup.ts";
import { ensureVersion } from "./ensure_version.ts";
import { LocationLock } from "./lock.ts";
import { linkedVersion, Places } from "./places.ts";
import { swap } from "./swap.ts";
import { wrongEntries } from "./tree_check.ts";
import { VersionStore } from "./version_store.ts";

/** What a location needs beside its path. */
export interface LocationOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Limits;
  /** Told of bytes that were fetched. */
  readonly fetched?: (bytes: number) => void;
}

/** What to put in place, and where it comes from. */
export interface Placement {
  /** The data deployment. */
  readonly name: string;
  readonly version: DataVersion;
  readonly source: BlobSource;
  /** Whether an application has to be told afterwards, with {@link Location.told}. */
  readonly tell: boolean;
  /** Versions that are asked for, for whichever data deployment: they are kept. */
  readonly asked: () => Iterable<Digest>;
}

/** A location. Another process may use the same folder: each change is made under a lock. */
export class Location {
  readonly store: VersionStore;
  readonly #lock: LocationLock;
  readonly #options: LocationOptions;
  /** Who makes which version now: two data deployments may ask for the same. */
  readonly #making = new Map<Digest, Promise<void>>();

  /** Nothing is read or written yet: each call finds out for itself whether the folder can be used. */
  constructor(path: string, options: LocationOptions) {
    const places = new Places(path);
    this.store = new VersionStore(places, options.files);
    this.#lock = new LocationLock(places.lock, options.clock);
    this.#options = options;
  }

  /**
   * Has a version, and puts it in place. Killed at any instant, the next call goes on.
   *
   * @returns the version that was in place before, if there was one
   * @throws FetchFailure or BadVersion where it cannot; what is in place stays
   */
  async place(
    { name, version, source, tell, asked }: Placement,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    return await this.changing(signal, async () => {
      await this.#inTurn(
        version.digest,
        signal,
        () => ensureVersion(version, { ...this.#options, store: this.store, source }, signal),
      );
      signal.throwIfAborted();
      const before = await swap(
        { name, digest: version.digest, tell },
        this.store.places,
        this.#options.files,
      );
      await this.#cleanUp(asked());
      return before;
    });
  }

  /** Whether an application is still to be told of what is in place. */
  isUntold(name: string): boolean {
    return statOf(this.store.places.untold(name)) !== undefined;
  }

  /** An application was told. */
  told(name: string): void {
    if (this.isUntold(name)) this.#options.files.remove(this.store.places.untold(name));
  }

  /** Reads what is in place where that may have been lost with the machine's power, and cleans up. */
  async start(asked: Iterable<Digest>, signal: AbortSignal): Promise<void> {
    await this.changing(signal, async () => {
      await this.#cleanUp(asked);
      for (const digest of this.#inPlace()) {
        if (!this.store.isTrusted(digest)) await this.#readAll(digest, signal);
      }
    });
  }

  /**
   * Does something that changes the folder of versions.
   *
   * @throws FetchFailure where the folder cannot be written to
   */
  async changing<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#makeFolder();
    return await this.#lock.hold(signal, work);
  }

  /** The location itself is a volume: one that is not there was not mounted. */
  async #makeFolder(): Promise<void> {
    const { location, versions } = this.store.places;
    try {
      await Deno.mkdir(versions);
    } catch (cause) {
      if (cause instanceof Deno.errors.AlreadyExists) return this.#expectFolder();
      const words = `Cannot use the folder "${location}" for data: ${messageOf(cause)}`;
      throw new FetchFailure("disk", `${words}. Is the volume mounted, and may this user write to it?`, {
        cause,
      });
    }
  }

  /** What is not ours is not followed: a link would let us write, and delete, where it leads. */
  #expectFolder(): void {
    if (this.store.isThere()) return;
    const { versions } = this.store.places;
    throw new FetchFailure("disk", `Cannot use "${versions}" for data: it is no folder. Move it away.`);
  }

  #inPlace(): Set<Digest> {
    const links = [...Deno.readDirSync(this.store.places.location)].filter(({ isSymlink }) => isSymlink);
    const digests = links.map(({ name }) => linkedVersion(this.store.places.link(name)));
    return new Set(digests.filter((one) => one !== undefined));
  }

  async #readAll(digest: Digest, signal: AbortSignal): Promise<void> {
    const stored = this.store.read(digest);
    if (!stored || !this.store.has(digest)) return;
    const entries = stored.layers.flatMap(({ entries }) => entries);
    const { files } = this.#options;
    const folder = this.store.places.version(digest);
    const wrong = await wrongEntries(entries, { folder, how: "content", files }, signal);
    if (wrong.length === 0) this.store.trust(digest);
    else this.#options.log.warn("data in place is not what it was", { digest, files: wrong.length });
  }

  /** What cannot be removed now costs room and nothing else: the next swap tries again. */
  async #cleanUp(asked: Iterable<Digest>): Promise<void> {
    if (!this.#lock.alone) return;
    try {
      await cleanUp(this.store, asked);
    } catch (error) {
      this.#options.log.warn("cannot remove old data", { error: messageOf(error) });
    }
  }

  async #inTurn(digest: Digest, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    for (let other = this.#making.get(digest); other; other = this.#making.get(digest)) {
      await other.catch(() => {});
      signal.throwIfAborted();
    }
    const made = work();
    this.#making.set(digest, made);
    try {
      await made;
    } finally {
      this.#making.delete(digest);
    }
  }
}
