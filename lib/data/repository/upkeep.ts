/**
 * What the repository does for itself: forgets versions that nobody needs, deletes their blobs, and packs again what
 * somebody keeps and it has lost.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { type Clock, sleep, within } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { Garbage } from "./garbage.ts";
import type { Intake } from "./intake.ts";
import type { KeptReader } from "./kept.ts";
import type { RepositoryMetrics } from "./metrics.ts";
import type { Repository } from "./repository.ts";
import { unneeded } from "./retention.ts";

/** What upkeep needs. */
export interface UpkeepOptions {
  readonly repository: Repository;
  readonly garbage: Garbage;
  /** Who knows what is kept; `undefined` where there is no cluster to ask: then nothing is ever forgotten. */
  readonly kept: KeptReader | undefined;
  /** The intake of a source that is followed now. */
  readonly intakeOf: (source: string) => Intake | undefined;
  /** Newest versions of a source that stay whatever is kept. */
  readonly keepLast: number;
  /** Versions that came less long ago stay, seconds: whoever keeps them may not have said so yet. */
  readonly graceSeconds?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RepositoryMetrics;
}

type Kept = Awaited<ReturnType<KeptReader["read"]>>;

/** From one turn to the next, milliseconds. */
const every = 60_000;

/** Shortest time between two turns, however often somebody misses a version, milliseconds. */
const shortest = 5_000;

/** A version that could not be restored is tried again after so long, milliseconds. */
const restoreAgain = 600_000;

/** Longest that a list of what is kept may take, milliseconds. */
const readLimit = 30_000;

/** The repository's care for itself. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #wake = new AbortController();
  /** Why it is not known what is kept, as it was said last. */
  #unknown: string | undefined;
  /** When a version was last kept by somebody, on the monotonic clock. */
  readonly #keptLately = new Map<string, number>();
  /** When versions that cannot be restored are tried again, on the monotonic clock. */
  readonly #givenUp = new Map<string, number>();

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Somebody asked for a version that is not here: it may be one that others keep. */
  missed(): void {
    this.#wake.abort();
  }

  /** Takes turns until the signal aborts. The first comes late: sources are followed by then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, kept, log } = this.#options;
    if (!kept) log.warn("there is no cluster to ask what is kept, so no version is ever deleted");
    while (!signal.aborted) {
      await sleep(clock, shortest, signal);
      await sleep(clock, every - shortest, AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = new AbortController();
      try {
        if (!signal.aborted) await this.turn(signal);
      } catch (error) {
        if (!signal.aborted) log.error("cannot keep the store in order", { error: messageOf(error) });
      }
    }
  }

  /** One turn: forget, delete, restore. */
  async turn(signal: AbortSignal): Promise<void> {
    const kept = await this.#kept(signal);
    this.#options.metrics.deletesNothing.set(kept ? 0 : 1);
    if (kept) await this.#forget(kept, signal);
    await this.makeRoom(signal);
    if (kept) await this.#restore(kept, signal);
  }

  /** Deletes blobs that are of no version. */
  async makeRoom(signal: AbortSignal): Promise<void> {
    const { repository, garbage, metrics, log } = this.#options;
    const blobs = await repository.changes.run(() => garbage.collect(), signal);
    metrics.deleted.inc(blobs);
    if (blobs > 0) log.info("deleted blobs that are of no version", { blobs });
  }

  async #kept(signal: AbortSignal): Promise<Kept | undefined> {
    const { kept, log, clock } = this.#options;
    if (!kept) return undefined;
    try {
      const known = await within(clock, readLimit, signal, (signal) => kept.read(signal));
      if (this.#unknown !== undefined) log.info("it is known again what is kept");
      this.#unknown = undefined;
      return known;
    } catch (error) {
      signal.throwIfAborted();
      const why = messageOf(error);
      if (why !== this.#unknown) log.warn("cannot learn what is kept, so nothing is deleted", { error: why });
      this.#unknown = why;
      return undefined;
    }
  }

  async #forget(kept: Kept, signal: AbortSignal): Promise<void> {
    const { repository, keepLast, graceSeconds = 900, clock, garbage, log } = this.#options;
    this.#remember(kept, graceSeconds * 1000);
    for (const source of repository.sources) {
      const rules = {
        kept: ({ version }: DataVersion) => this.#keptLately.has(`${source}/${version}`),
        last: repository.isConfigured(source) ? keepLast : 0,
        graceSeconds,
      };
      await repository.changes.run(async () => {
        const gone = unneeded(repository.versionsOf(source), rules, Math.floor(clock.now() / 1000));
        if (gone.length === 0) return;
        for (const version of gone) garbage.shown(version);
        await repository.drop(source, gone);
        log.info("forgot versions that nobody needs", { source, versions: gone.length });
      }, signal);
    }
  }

  /** A ConfigMap that was deleted by mistake is made again in a while: what it kept stays until then. */
  #remember(kept: Kept, ms: number): void {
    const now = this.#options.clock.monotonic();
    for (const [source, versions] of kept) {
      for (const { version } of versions) this.#keptLately.set(`${source}/${version}`, now);
    }
    for (const [which, at] of this.#keptLately) {
      if (now - at > ms) this.#keptLately.delete(which);
    }
  }

  async #restore(kept: Kept, signal: AbortSignal): Promise<void> {
    const { repository, metrics } = this.#options;
    const lost = [...kept].flatMap(([source, versions]) => {
      const here = new Set(repository.versionsOf(source).map(({ version }) => version));
      const unique = new Map(versions.map((one) => [one.version, one]));
      return [...unique.values()].filter(({ version }) => !here.has(version)).map((one) => ({ source, one }));
    });
    const names = new Set(lost.map(({ source, one }) => `${source}/${one.version}`));
    for (const which of this.#givenUp.keys()) if (!names.has(which)) this.#givenUp.delete(which);
    let open = lost.length;
    metrics.lost.set(open);
    for (const { source, one } of lost) {
      if (await this.#restoreOne(source, one, signal)) metrics.lost.set(--open);
    }
  }

  async #restoreOne(source: string, lost: DataVersion, signal: AbortSignal): Promise<boolean> {
    const { intakeOf, clock, log } = this.#options;
    const intake = intakeOf(source);
    const which = `${source}/${lost.version}`;
    if (!intake?.restores || clock.monotonic() < (this.#givenUp.get(which) ?? 0)) return false;
    try {
      await intake.restore(lost, signal);
      this.#givenUp.delete(which);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#givenUp.set(which, clock.monotonic() + restoreAgain);
      log.warn("cannot restore a version that somebody keeps", {
        source,
        path: lost.path,
        error: messageOf(error),
      });
      return false;
    }
  }
}
