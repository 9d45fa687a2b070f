/**
 * What the repository has: versions by source, their blobs, and why a source may be old.
 *
 * @module
 */
import { join } from "node:path";
import { type CataloguedSource, formatCatalogue } from "../../contract/data_catalogue.ts";
import type { Digest } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { temporaryPrefix } from "../publish.ts";
import { BadVersion } from "../version/bad_version.ts";
import { LayerStore } from "../version/layer_store.ts";
import type { Manifest } from "../version/manifest.ts";
import { parseManifest } from "../version/parse_manifest.ts";
import { Announcement } from "./announcement.ts";
import { readCatalogue, type StoredCatalogue, writeCatalogue } from "./catalogue_file.ts";
import { type StoredVersion, type Versions, withNewest, withRestored } from "./stored_version.ts";
import { Semaphore } from "./semaphore.ts";

/** What a repository needs. */
export interface RepositoryOptions {
  /** Where the store is: `DataRepo__ArchivePath`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the program ends. */
  readonly signal: AbortSignal;
}

type Trouble = NonNullable<CataloguedSource["trouble"]>;

/** The repository's state. Only what is on the disk is ever told. */
export class Repository implements Disposable {
  /** The blobs, and which of them is the layer of which entries. */
  readonly store: LayerStore;
  /** What is told at `/.manifest`. */
  readonly announcement: Announcement;
  /** Whoever changes the store has its one turn: a blob must not be deleted while a version is made of it. */
  readonly changes = new Semaphore(1);
  readonly #path: string;
  readonly #clock: Clock;
  #versions: StoredCatalogue;
  /** Not known before they were read. */
  #configured: ReadonlySet<string> | undefined;
  readonly #troubles = new Map<string, Trouble>();

  private constructor(
    store: LayerStore,
    versions: StoredCatalogue,
    { folder, clock, signal }: RepositoryOptions,
  ) {
    this.store = store;
    this.announcement = new Announcement(clock, signal);
    this.#path = cataloguePath(folder);
    this.#clock = clock;
    this.#versions = versions;
    this.#tell();
  }

  /**
   * Opens the store and knows at once what it has. Versions whose blobs are gone are forgotten, and said.
   *
   * @throws Failure where the folder cannot be used
   */
  static async open(options: RepositoryOptions): Promise<Repository> {
    const store = await LayerStore.open(options.folder);
    try {
      await removeTemporary(options.folder);
      const stored = await readCatalogue(cataloguePath(options.folder));
      return new Repository(store, wholeOf(stored, store, options.log), options);
    } catch (error) {
      store[Symbol.dispose]();
      throw error;
    }
  }

  /** Sources with versions or with a spec. */
  get sources(): readonly string[] {
    return [...new Set([...this.#versions.keys(), ...this.#configured ?? []])].sort();
  }

  /** Whether a source has a spec now, or may have one, as long as that is not known. */
  isConfigured(source: string): boolean {
    return this.#configured?.has(source) ?? true;
  }

  /** A source's versions, oldest first; none where it is not known. */
  versionsOf(source: string): Versions {
    return this.#versions.get(source) ?? [];
  }

  /** Why a source's upstream cannot be read now, if it cannot. */
  troubleOf(source: string): Trouble | undefined {
    return this.#troubles.get(source);
  }

  /** The manifest of a version that is here. */
  manifest(digest: Digest): Manifest {
    return parseManifest(this.store.blobs.read(digest));
  }

  /** Sets which sources have a spec. */
  configure(sources: readonly string[]): void {
    this.#configured = new Set(sources);
    for (const source of this.#troubles.keys()) {
      if (!sources.includes(source)) this.#troubles.delete(source);
    }
    this.#tell();
  }

  /** A source's upstream cannot be read, or can again (`undefined`). */
  setTrouble(source: string, message: string | undefined): void {
    const since = this.#troubles.get(source)?.since ?? Math.floor(this.#clock.now() / 1000);
    if (message === undefined) this.#troubles.delete(source);
    else this.#troubles.set(source, { since, message });
    this.#tell();
  }

  /** Adds a version as a source's newest. Its blobs are in the store. Told once it is on the disk. */
  async add(source: string, version: StoredVersion): Promise<void> {
    await this.#change(source, withNewest(this.versionsOf(source), version));
  }

  /** Adds a version that was lost. */
  async restore(source: string, version: StoredVersion): Promise<void> {
    await this.#change(source, withRestored(this.versionsOf(source), version));
  }

  /** Forgets versions. Their blobs stay until nobody reads them. */
  async drop(source: string, gone: readonly StoredVersion[]): Promise<void> {
    await this.#change(source, this.versionsOf(source).filter((one) => !gone.includes(one)));
  }

  /** Lets another process have the store. */
  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }

  async #change(source: string, versions: Versions): Promise<void> {
    if (versions === this.versionsOf(source)) return;
    const next = new Map(this.#versions);
    if (versions.length > 0) next.set(source, versions);
    else next.delete(source);
    await writeCatalogue(this.#path, next);
    this.#versions = next;
    this.#tell();
  }

  #tell(): void {
    this.announcement.tell(formatCatalogue(
      new Map(this.sources.map((source) => {
        const trouble = this.#troubles.get(source);
        return [source, { versions: this.versionsOf(source), ...(trouble && { trouble }) }];
      })),
    ));
  }
}

/** A catalogue that was being written when the process was killed. */
async function removeTemporary(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(temporaryPrefix)) await Deno.remove(join(folder, name));
  }
}

function cataloguePath(folder: string): string {
  return join(folder, "catalogue.json");
}

/** The versions whose blobs are all here; the others are said. */
function wholeOf(stored: StoredCatalogue, store: LayerStore, log: Log): StoredCatalogue {
  return new Map([...stored].map(([source, versions]) => {
    const here = versions.filter((one) => isWhole(store, one));
    const lost = versions.length - here.length;
    if (lost > 0) log.error("versions have lost blobs, and are forgotten", { source, versions: lost });
    return [source, here];
  }));
}

/** Whether every blob of a version is here, as large as it should be. */
function isWhole({ blobs }: LayerStore, { digest }: StoredVersion): boolean {
  if (!blobs.has(digest)) return false;
  try {
    const { config, layers } = parseManifest(blobs.read(digest));
    return [config, ...layers].every(({ digest, size }) => blobs.size(digest) === size);
  } catch (error) {
    if (error instanceof BadVersion) return false;
    throw error;
  }
}
