/**
 * From one upstream into the catalogue: look, fetch, pack.
 *
 * @module
 */
import { type DataVersion, parsePath } from "../../contract/data_version.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { Source } from "../source/source.ts";
import { BadVersion } from "../version/bad_version.ts";
import { isDiskFull } from "./disk_full.ts";
import type { RepositoryMetrics } from "./metrics.ts";
import type { Packer } from "./packer.ts";
import { Semaphore } from "./semaphore.ts";

/** What an intake needs. */
export interface IntakeOptions {
  readonly name: string;
  readonly source: Source;
  readonly packer: Packer;
  /** Bounds how many upstreams are read at once. */
  readonly upstreams: Semaphore;
  /** Deletes what is of no use, where the disk is full. */
  readonly makeRoom: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RepositoryMetrics;
}

/** Brings what an upstream has into the catalogue. One thing at a time. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #alone = new Semaphore(1);
  /** What the upstream had when its content was last in the catalogue. */
  #known: string | undefined;
  /** What the upstream had when that was refused for what it is: trying again would not help. */
  #refused: { readonly revision: string; readonly error: BadVersion } | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Whether a version that was lost can be had again. */
  get restores(): boolean {
    return this.#options.source.hasCommits;
  }

  /**
   * Looks at the upstream, and packs what is new.
   *
   * @throws Error that says in words why that could not be done
   */
  async look(signal: AbortSignal): Promise<void> {
    const { name, metrics, clock } = this.#options;
    try {
      const result = await this.#inTurn(() => this.#look(signal), signal);
      metrics.looks.inc({ source: name, result });
      metrics.lastLook.set({ source: name }, clock.now() / 1000);
    } catch (error) {
      if (!signal.aborted) metrics.looks.inc({ source: name, result: "failed" });
      throw error;
    }
  }

  /** Packs a version that was lost again, from the commit in its name. */
  async restore(lost: DataVersion, signal: AbortSignal): Promise<void> {
    const { source, packer, name, log } = this.#options;
    const commit = parsePath(lost.path)!.commit;
    await this.#inTurn(async () => {
      await this.#telling(async () => packer.restore(lost, await source.fetch(commit, signal), signal));
    }, signal);
    log.info("a version that was lost is here again", { source: name, path: lost.path });
  }

  async #inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return await this.#alone.run(() => this.#options.upstreams.run(work, signal), signal);
  }

  async #look(signal: AbortSignal): Promise<"same" | "new"> {
    const revision = await this.#options.source.look(signal);
    if (revision === this.#known) return "same";
    if (revision === this.#refused?.revision) throw this.#refused.error;
    return await this.#telling(() => this.#pack(revision, signal));
  }

  async #pack(revision: string, signal: AbortSignal): Promise<"same" | "new"> {
    const { name, source, packer, log, metrics, clock } = this.#options;
    const tree = await source.fetch(revision, signal);
    const began = clock.monotonic();
    const { packed, isNew } = await this.#unlessRefused(revision, () => packer.add(tree, signal));
    metrics.packing.observe((clock.monotonic() - began) / 1000);
    this.#known = revision;
    const { version, digest, work } = packed;
    const fields = { source: name, commit: tree.commit, version, digest, ...work };
    if (isNew) log.info("packed a version", fields);
    else log.debug("the content is the newest version's", fields);
    return isNew ? "new" : "same";
  }

  /** Remembers what is refused for what it is. */
  async #unlessRefused<T>(revision: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BadVersion) this.#refused = { revision, error };
      throw error;
    }
  }

  /** Does something that needs room on the disk, and says so where there is none. */
  async #telling<T>(work: () => Promise<T>): Promise<T> {
    const { metrics, makeRoom } = this.#options;
    try {
      const done = await work();
      metrics.diskFull.set(0);
      return done;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      metrics.diskFull.set(1);
      await makeRoom();
      throw new Error(
        `There is no room for a new version: ${messageOf(error)}. What is here is served on. ` +
          "Give DataRepo__ArchivePath and DataRepo__SourcePath more room, or keep fewer versions.",
        { cause: error },
      );
    }
  }
}
