/**
 * A folder whose files change all at once, as the kubelet's volumes do: readers see the old files or the new
 * ones, never some of each.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { BadReference } from "./field_ref.ts";
import type { VolumeFiles } from "./volume_files.ts";

/** The symbolic link that is swapped: it leads to the folder of the present files. */
const data = "..data";

/** A folder that only this object writes to. */
export class PublishedFolder {
  readonly path: string;
  /** What is published; `undefined` where nothing is, or not all of it. */
  #files: VolumeFiles | undefined;
  /** The folder that `..data` leads to. */
  #present: string | undefined;
  /** The names that users see. */
  readonly #linked = new Set<string>();

  /** @param path a folder that exists and is empty */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes these the folder's files. Nothing is written where they are so already. Where that
   * fails, the next call makes good for it.
   *
   * @throws BadReference where a path leads out of the folder
   */
  publish(files: VolumeFiles): void {
    if (this.#files && areAlike(files, this.#files)) return;
    for (const path of files.keys()) checkPath(path);
    const before = this.#present;
    this.#present = this.#replace(files);
    this.#files = undefined;
    if (before !== undefined) remove(before);
    this.#link(new Set([...files.keys()].map(topOf)));
    this.#files = files;
  }

  /** Writes the files into a new folder that takes the place of the present one; returns its path. */
  #replace(files: VolumeFiles): string {
    const next = Deno.makeTempDirSync({ dir: this.path, prefix: ".." });
    const swapped = join(this.path, `${data}_tmp`);
    try {
      write(files, next);
      remove(swapped);
      Deno.symlinkSync(basename(next), swapped);
      Deno.renameSync(swapped, join(this.path, data));
      return next;
    } catch (error) {
      remove(swapped);
      remove(next);
      throw error;
    }
  }

  /** What users see are links by way of `..data`; they change only where a name comes or goes. */
  #link(names: ReadonlySet<string>): void {
    for (const name of names.difference(this.#linked)) {
      Deno.symlinkSync(join(data, name), join(this.path, name));
      this.#linked.add(name);
    }
    for (const name of this.#linked.difference(names)) {
      remove(join(this.path, name));
      this.#linked.delete(name);
    }
  }
}

function write(files: VolumeFiles, folder: string): void {
  Deno.chmodSync(folder, 0o755);
  for (const [path, { content, mode }] of files) {
    const whole = join(folder, path);
    Deno.mkdirSync(dirname(whole), { recursive: true, mode: 0o755 });
    Deno.writeFileSync(whole, content);
    // The mode is meant as it is, not as the process' mask would have it.
    Deno.chmodSync(whole, mode);
  }
}

/** Removes what may be there. */
function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function topOf(path: string): string {
  return path.split("/")[0]!;
}

function checkPath(path: string): void {
  const parts = path.split("/");
  if (parts.includes("") || parts.includes(".") || parts.some((part) => part.startsWith(".."))) {
    throw new BadReference(`invalid path ${JSON.stringify(path)}: must be a relative path without '..'`);
  }
}

function areAlike(a: VolumeFiles, b: VolumeFiles): boolean {
  return a.size === b.size && [...a].every(([path, { content, mode }]) => {
    const other = b.get(path);
    return other?.mode === mode && sameBytes(other.content, content);
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
