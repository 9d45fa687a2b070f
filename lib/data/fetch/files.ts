/**
 * What is done to the file system while a version is fetched and put in place: every change, and nothing else.
 *
 * @module
 */
import { lutimesSync } from "node:fs";
import { publish, publishFile, publishLink } from "../publish.ts";

/** Changes to the file system. Tests put in one that ends, as if the process were killed, before any of them. */
export interface Files {
  /** Makes a folder; its parent is there. */
  makeFolder(path: string): void;
  /** Makes a whole file whose content was verified: {@link verifiedTime} says so. */
  create(path: string, content: Uint8Array, mode: number): void;
  /** Writes a piece into a file that is there, or makes it. */
  writeAt(path: string, offset: number, content: Uint8Array): void;
  /** Marks a file that was written piece by piece, and verified, as whole. */
  finish(path: string, mode: number): void;
  /** Ends the work in a folder: nobody writes into it, and it has the time that everything has. */
  close(path: string): void;
  chmod(path: string, mode: number): void;
  link(from: string, to: string): void;
  copy(from: string, to: string): void;
  /** Makes a link that has the time that everything has. */
  symlink(target: string, path: string): void;
  rename(from: string, to: string): void;
  /** Removes a file, a link or an empty folder. */
  remove(path: string): void;
  /** Removes a folder and what is in it; folders in it may be read-only. */
  removeTree(path: string): Promise<void>;
  /** As in `publish.ts`. */
  publish: typeof publish;
  /** As in `publish.ts`. */
  publishFile: typeof publishFile;
  /** As in `publish.ts`. */
  publishLink: typeof publishLink;
}

/**
 * The time of every file whose content was verified, milliseconds since 1970: whatever is written to a file later
 * changes it. It is what a tar of the version has as well.
 */
export const verifiedTime = 0;

/** The mode of folders. */
export const folderMode = 0o555;

/** The machine's file system. */
export function systemFiles(): Files {
  // Whether the process' umask takes away what a mode asks for, once that was seen.
  let masked: boolean | undefined;
  return {
    makeFolder: (path) => Deno.mkdirSync(path),
    create(path, content, mode) {
      Deno.writeFileSync(path, content, { createNew: true, mode });
      masked ??= (Deno.lstatSync(path).mode! & 0o777) !== mode;
      if (masked) Deno.chmodSync(path, mode);
      Deno.utimeSync(path, verifiedTime, verifiedTime);
    },
    writeAt(path, offset, content) {
      using file = Deno.openSync(path, { write: true, create: true });
      file.seekSync(offset, Deno.SeekMode.Start);
      writeAll(file, content);
    },
    finish(path, mode) {
      Deno.chmodSync(path, mode);
      Deno.utimeSync(path, verifiedTime, verifiedTime);
    },
    close(path) {
      Deno.chmodSync(path, folderMode);
      Deno.utimeSync(path, verifiedTime, verifiedTime);
    },
    chmod: (path, mode) => Deno.chmodSync(path, mode),
    link: (from, to) => Deno.linkSync(from, to),
    copy: (from, to) => Deno.copyFileSync(from, to),
    symlink(target, path) {
      Deno.symlinkSync(target, path);
      lutimesSync(path, verifiedTime, verifiedTime);
    },
    rename: (from, to) => Deno.renameSync(from, to),
    remove: (path) => Deno.removeSync(path),
    removeTree,
    publish,
    publishFile,
    publishLink,
  };
}

function writeAll(file: Deno.FsFile, content: Uint8Array): void {
  for (let written = 0; written < content.length;) written += file.writeSync(content.subarray(written));
}

async function removeTree(path: string): Promise<void> {
  try {
    return await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
  }
  // Whoever is not root may not take names out of a folder that is read-only.
  await makeWritable(path);
  await Deno.remove(path, { recursive: true });
}

async function makeWritable(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await makeWritable(`${folder}/${name}`);
  }
}
