/**
 * Whether a file on the disk is the one that was verified.
 *
 * @module
 */
import type { FileEntry } from "../version/entry.ts";
import { verifiedTime } from "./files.ts";

/** The mode of files: nobody writes to them. */
export function modeOf({ executable }: Pick<FileEntry, "executable">): number {
  return executable ? 0o555 : 0o444;
}

/** What is at a path, or `undefined` where nothing is. Links are not followed. */
export function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Whether what is at a path is a file of this size that was verified, and not written to since. */
export function isVerified(info: Deno.FileInfo | undefined, file: FileEntry): boolean {
  return info !== undefined && info.isFile && info.size === file.size &&
    info.mtime?.getTime() === verifiedTime && (info.mode! & 0o777) === modeOf(file);
}
