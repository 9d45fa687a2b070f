/**
 * Which files of a version are on the disk already, and which have to be fetched.
 *
 * @module
 */
import type { StoredFile } from "../version/entry.ts";
import type { ReadLayer } from "./read_version.ts";
import { inSlices } from "../slices.ts";
import { isVerified, statOf } from "./stamp.ts";

/** A finished tree whose files may be taken over. */
export interface Base {
  readonly folder: string;
  readonly layers: readonly ReadLayer[];
}

/** A file of the new tree that another tree has. */
export interface Reuse {
  readonly file: StoredFile;
  /** Where the same content is. */
  readonly from: string;
  /** Whether it is known to be unchanged, so that both may be one file. */
  readonly verified: boolean;
  /** The layer that has it, in case the content turns out to be another. */
  readonly layer: ReadLayer;
}

/** A file that has to be fetched. */
export interface Missing {
  readonly file: StoredFile;
  readonly layer: ReadLayer;
}

/** What to do for the files of a tree. */
export interface Plan {
  readonly reuse: readonly Reuse[];
  readonly missing: readonly Missing[];
}

/**
 * Plans a tree at `target`. What stands there, verified, from an attempt before is part of neither list.
 *
 * @param begun whether there was such an attempt
 */
export async function planTree(
  layers: readonly ReadLayer[],
  { target, begun, base }: { readonly target: string; readonly begun: boolean; readonly base?: Base },
  signal: AbortSignal,
): Promise<Plan> {
  const reuse: Reuse[] = [];
  const missing: Missing[] = [];
  const known = base && new KnownFiles(base, layers);
  for (const layer of layers) {
    await inSlices(layer.entries, signal, (entry) => {
      if (entry.kind !== "file") return;
      if (begun && isVerified(statOf(`${target}/${entry.path}`), entry)) return;
      const found = known?.find(entry, layer);
      if (found) reuse.push({ file: entry, layer, ...found });
      else missing.push({ file: entry, layer });
    });
  }
  return { reuse, missing };
}

/** Files of a finished tree by what is in them. */
class KnownFiles {
  readonly #folder: string;
  readonly #sameLayers: ReadonlySet<string>;
  readonly #byPath = new Map<string, StoredFile>();
  readonly #byContent = new Map<string, StoredFile>();

  constructor({ folder, layers }: Base, wanted: readonly ReadLayer[]) {
    this.#folder = folder;
    const digests = new Set(wanted.map(({ layer }) => layer.tableDigest));
    this.#sameLayers = new Set(
      layers.map(({ layer }) => layer.tableDigest).filter((one) => digests.has(one)),
    );
    for (const { layer, entries } of layers) {
      // The files of a layer that is the same are found without looking.
      if (this.#sameLayers.has(layer.tableDigest)) continue;
      for (const entry of entries) if (entry.kind === "file") this.#note(entry);
    }
  }

  find(file: StoredFile, { layer }: ReadLayer): Pick<Reuse, "from" | "verified"> | undefined {
    const same = this.#sameLayers.has(layer.tableDigest)
      ? file
      : [this.#byPath.get(file.path), this.#byContent.get(contentKey(file))].find((one) =>
        one && contentKey(one) === contentKey(file)
      );
    if (!same) return undefined;
    const from = `${this.#folder}/${same.path}`;
    const info = statOf(from);
    return info?.isFile ? { from, verified: isVerified(info, file) } : undefined;
  }

  #note(file: StoredFile): void {
    this.#byPath.set(file.path, file);
    this.#byContent.set(contentKey(file), file);
  }
}

/** Files with the same key can be one. */
function contentKey({ digest, executable }: StoredFile): string {
  return executable ? `${digest}x` : digest;
}
