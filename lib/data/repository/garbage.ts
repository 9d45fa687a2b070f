/**
 * Deleting blobs that no version has any more, never under somebody who reads them.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Repository } from "./repository.ts";
import type { StoredVersion } from "./stored_version.ts";

/** Blobs of versions that are gone, and who may still want them. */
export class Garbage {
  readonly #repository: Repository;
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** When a blob was last of use to somebody, on the monotonic clock. */
  readonly #lastUse = new Map<Digest, number>();
  /** When all blobs of a version were last noted, by the digest of its manifest. */
  readonly #lastShown = new Map<Digest, number>();

  /** @param graceMs how long after its last use a blob stays, milliseconds */
  constructor(repository: Repository, clock: Clock, graceMs = 600_000) {
    this.#repository = repository;
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  /** Somebody reads a blob: it stays for a while, whoever drops its version meanwhile. */
  used(digest: Digest): void {
    this.#lastUse.set(digest, this.#clock.monotonic());
  }

  /** Somebody was shown a version, or reads it: its blobs stay for a while. Cheap where it was just so. */
  shown({ digest }: StoredVersion): void {
    const now = this.#clock.monotonic();
    if (now - (this.#lastShown.get(digest) ?? -Infinity) < this.#graceMs / 10) return;
    this.#lastShown.set(digest, now);
    for (const blob of blobsOf(this.#repository, digest)) this.used(blob);
  }

  /**
   * Deletes blobs that are of no version and were of use to nobody lately. Called by who has the turn to change
   * the store.
   *
   * @returns how many were deleted
   */
  async collect(): Promise<number> {
    const { blobs } = this.#repository.store;
    const needed = this.#needed();
    this.#forgetOldUses();
    const gone = blobs.list().filter(({ digest }) => !needed.has(digest) && !this.#lastUse.has(digest));
    for (const { digest } of gone) blobs.delete(digest);
    if (gone.length > 0) await this.#repository.store.prune();
    return gone.length;
  }

  #needed(): Set<Digest> {
    const needed = new Set<Digest>();
    for (const source of this.#repository.sources) {
      for (const { digest } of this.#repository.versionsOf(source)) {
        for (const blob of blobsOf(this.#repository, digest)) needed.add(blob);
      }
    }
    return needed;
  }

  #forgetOldUses(): void {
    const old = this.#clock.monotonic() - this.#graceMs;
    for (const times of [this.#lastUse, this.#lastShown]) {
      for (const [digest, at] of times) if (at < old) times.delete(digest);
    }
  }
}

function blobsOf(repository: Repository, digest: Digest): Digest[] {
  const { config, layers } = repository.manifest(digest);
  return [digest, config.digest, ...layers.map((layer) => layer.digest)];
}
