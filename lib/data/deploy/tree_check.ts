/**
 * Whether a finished tree is still what it should be.
 *
 * @module
 */
import { digestOfFile } from "../fetch/content.ts";
import type { Files } from "../fetch/files.ts";
import { inSlices } from "../slices.ts";
import { isVerified, modeOf, statOf } from "../fetch/stamp.ts";
import type { StoredEntry, StoredFile } from "../version/entry.ts";
import { foldersOf } from "../version/path.ts";

/** How a tree is looked at: by its files' times and sizes, or by their content. */
export type Thoroughness = "stamps" | "content";

/** What is looked at, and how. */
export interface CheckOptions {
  /** The tree's folder. */
  readonly folder: string;
  readonly how: Thoroughness;
  readonly files: Files;
}

/** The entries that are not there as they should be, of those given. */
export async function wrongEntries(
  entries: Iterable<StoredEntry>,
  { folder, how, files }: CheckOptions,
  signal: AbortSignal,
): Promise<StoredEntry[]> {
  const wrong: StoredEntry[] = [];
  const doubtful: StoredFile[] = [];
  await inSlices(entries, signal, (entry) => {
    const info = statOf(`${folder}/${entry.path}`);
    if (entry.kind !== "file") {
      if (!isRight(entry, `${folder}/${entry.path}`, info)) wrong.push(entry);
    } else if (!info?.isFile || info.size !== entry.size) wrong.push(entry);
    else if (how === "content" || !isVerified(info, entry)) doubtful.push(entry);
  });
  for (const file of doubtful) {
    const path = `${folder}/${file.path}`;
    if (!await hasContent(path, file, signal)) wrong.push(file);
    else if (!isVerified(statOf(path), file)) files.finish(path, modeOf(file));
  }
  return wrong;
}

function isRight(
  entry: Exclude<StoredEntry, StoredFile>,
  path: string,
  info: Deno.FileInfo | undefined,
): boolean {
  if (entry.kind === "folder") return info?.isDirectory === true;
  return info?.isSymlink === true && Deno.readLinkSync(path) === entry.target;
}

/** Whether a file has the content that it should have. One that cannot be read has not. */
export async function hasContent(
  path: string,
  { digest }: StoredFile,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await digestOfFile(path, signal) === digest;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/** Paths in the folder that belong to no entry; of a folder that does not belong only its own. */
export async function strayPaths(
  entries: readonly StoredEntry[],
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const known = new Set(entries.map(({ path }) => path));
  const folders = foldersOf(known);
  const empty = entries.filter(({ kind }) => kind === "folder").map(({ path }) => path);
  const stray: string[] = [];
  await inSlices(["", ...folders, ...empty], signal, (path) => {
    for (const name of namesIn(`${folder}/${path}`)) {
      const full = path === "" ? name : `${path}/${name}`;
      if (!known.has(full) && !folders.has(full)) stray.push(full);
    }
  });
  return stray;
}

function namesIn(folder: string): string[] {
  // Of a link or file in a folder's place the check of the entries tells.
  if (!statOf(folder)?.isDirectory) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}
