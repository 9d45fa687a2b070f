/**
 * A folder whose files change all at once, as the kubelet's volumes do: readers see the old files or the new
 * ones, never some of each.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { BadReference } from "./field_ref.ts";
import type { VolumeFiles } from "./volume_files.ts";

/** The symbolic link that is swapped: it leads to the folder of the present files. */
const data = "..data";

/** A folder that only this object writes to. */
export class PublishedFolder {
  readonly path: string;
  #files: VolumeFiles = new Map();
  #present: string | undefined;

  /** @param path a folder that exists and is empty */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes these the folder's files. Nothing is written where they are so already.
   *
   * @throws BadReference where a path leads out of the folder
   */
  publish(files: VolumeFiles): void {
    if (this.#present !== undefined && areAlike(files, this.#files)) return;
    for (const path of files.keys()) checkPath(path);
    const next = this.#write(files);
    const swapped = join(this.path, `${data}_tmp`);
    Deno.symlinkSync(next, swapped);
    Deno.renameSync(swapped, join(this.path, data));
    this.#link(new Set([...files.keys()].map(topOf)));
    if (this.#present !== undefined) Deno.removeSync(join(this.path, this.#present), { recursive: true });
    this.#present = next;
    this.#files = files;
  }

  /** Writes the files into a new folder, and returns its name. */
  #write(files: VolumeFiles): string {
    const folder = Deno.makeTempDirSync({ dir: this.path, prefix: ".." });
    Deno.chmodSync(folder, 0o755);
    for (const [path, { content, mode }] of files) {
      const whole = join(folder, path);
      Deno.mkdirSync(dirname(whole), { recursive: true, mode: 0o755 });
      Deno.writeFileSync(whole, content);
      // The mode is meant as it is, not as the process' mask would have it.
      Deno.chmodSync(whole, mode);
    }
    return folder.slice(this.path.length + 1);
  }

  /** What users see are links by way of `..data`; they change only where a name comes or goes. */
  #link(names: ReadonlySet<string>): void {
    const before = new Set([...this.#files.keys()].map(topOf));
    for (const name of names.difference(before)) Deno.symlinkSync(join(data, name), join(this.path, name));
    for (const name of before.difference(names)) Deno.removeSync(join(this.path, name));
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
