/**
 * Layers' tables of contents that a deployer has read: in its folder, and the last ones in memory.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { Files } from "../fetch/files.ts";
import type { Tables } from "../fetch/read_version.ts";
import type { StoredEntry } from "../version/entry.ts";
import { defaultLimits, type Limits } from "../version/limits.ts";
import type { Layer } from "../version/manifest.ts";
import { parseTable } from "../version/parse_table.ts";
import type { Places } from "./places.ts";

/** Most entries that stay in memory: about 15 MB. Past that every table is read again when it is needed. */
const maxEntries = 50_000;

/** Tables on the disk and in memory. */
export class KeptTables implements Tables {
  readonly #places: Places;
  readonly #files: Files;
  readonly #limits: Limits;
  readonly #memory = new Map<Digest, readonly StoredEntry[]>();

  constructor(places: Places, files: Files, limits: Limits = defaultLimits) {
    this.#places = places;
    this.#files = files;
    this.#limits = limits;
  }

  entries(layer: Layer): readonly StoredEntry[] | undefined {
    const known = this.#memory.get(layer.tableDigest) ?? this.#read(layer);
    if (known) this.#memory.set(layer.tableDigest, known);
    return known;
  }

  async keep(layer: Layer, bytes: Uint8Array, entries: readonly StoredEntry[]): Promise<void> {
    await this.#files.publishFile(this.#places.table(layer.tableDigest), bytes);
    this.#memory.set(layer.tableDigest, entries);
  }

  /** Lets go of what is in memory, but for these layers, and of theirs as well where they are many. */
  keepInMemory(layers: readonly Layer[]): void {
    const wanted = new Set(layers.map(({ tableDigest }) => tableDigest));
    let count = 0;
    for (const [digest, entries] of this.#memory) {
      if (!wanted.has(digest)) this.#memory.delete(digest);
      else count += entries.length;
    }
    if (count > maxEntries) this.#memory.clear();
  }

  /** A file that was altered is as if it were not there: the table is fetched again. */
  #read(layer: Layer): StoredEntry[] | undefined {
    try {
      return parseTable(Deno.readFileSync(this.#places.table(layer.tableDigest)), layer, this.#limits);
    } catch {
      return undefined;
    }
  }
}
