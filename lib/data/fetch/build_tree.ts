/**
 * Makes the tree of a version in a folder of its own, of what is on the disk and what is fetched.
 *
 * @module
 */
import type { LinkEntry, StoredEntry } from "../version/entry.ts";
import { foldersOf, parentOf } from "../version/path.ts";
import type { BlobSource } from "./blob_source.ts";
import { digestOfFile } from "./content.ts";
import { fetchFiles } from "./fetch_files.ts";
import type { Files } from "./files.ts";
import { type Base, type Missing, planTree, type Reuse } from "./plan.ts";
import type { ReadLayer } from "./read_version.ts";
import { expectRoom } from "./room.ts";
import { inSlices } from "../slices.ts";
import { modeOf, statOf } from "./stamp.ts";

/** What is made, of what, and where. */
export interface BuildOptions {
  readonly source: BlobSource;
  /** The layers of a checked version, or a part of their entries. */
  readonly layers: readonly ReadLayer[];
  /** The folder that is made. It may hold what an attempt at the same version left. */
  readonly target: string;
  /** A finished tree whose files are taken over where they are the same. */
  readonly base?: Base;
  readonly files: Files;
  /** Told of bytes that were fetched. */
  readonly fetched?: (bytes: number) => void;
}

/**
 * Makes a tree. Nothing is written outside `target`: the version was checked as a whole, and links come last.
 * Killed or aborted at any instant, the next call goes on with what is there.
 *
 * @throws FetchFailure where content cannot be had, is not what it should be, or has no room
 */
export async function buildTree(options: BuildOptions, signal: AbortSignal): Promise<void> {
  const { source, layers, target, base, files, fetched = () => {} } = options;
  const begun = statOf(target) !== undefined;
  const { reuse, missing } = await planTree(layers, { target, begun, base }, signal);
  const folders = allFolders(layers).map((path) => `${target}/${path}`);
  expectRoom(parentOf(target), {
    bytes: missing.reduce((sum, { file }) => sum + file.size, 0),
    names: missing.length + (begun ? 0 : folders.length),
  });
  await makeFolders([target, ...folders], begun, files, signal);
  if (begun) await clear([...missing, ...reuse], target, files, signal);
  const others = await takeOver(reuse, target, files, signal);
  await fetchFiles([...missing, ...others], { source, target, base: base?.folder, files, fetched }, signal);
  await makeLinks(entriesOf(layers), target, files, signal);
  await inSlices(folders.reverse(), signal, (path) => files.close(path));
  files.close(target);
}

function* entriesOf(layers: readonly ReadLayer[]): Generator<StoredEntry> {
  for (const { entries } of layers) yield* entries;
}

/** Every folder of the tree but its root, each after the one that holds it. */
function allFolders(layers: readonly ReadLayer[]): string[] {
  const entries = [...entriesOf(layers)];
  const empty = entries.filter(({ kind }) => kind === "folder").map(({ path }) => path);
  return [...new Set([...foldersOf(entries.map(({ path }) => path)), ...empty])].sort();
}

async function makeFolders(
  paths: readonly string[],
  begun: boolean,
  files: Files,
  signal: AbortSignal,
): Promise<void> {
  await inSlices(paths, signal, (path) => {
    if (begun && statOf(path)?.isDirectory) files.chmod(path, 0o755);
    else files.makeFolder(path);
  });
}

/** Removes what an attempt before left unfinished, but for files that are written piece by piece. */
async function clear(
  wanted: readonly Missing[],
  target: string,
  files: Files,
  signal: AbortSignal,
): Promise<void> {
  await inSlices(wanted, signal, ({ file }) => {
    const path = `${target}/${file.path}`;
    const info = statOf(path);
    if (!info) return;
    // A file that has other names as well is another tree's: nothing may be written into it.
    const goesOn = file.chunks.length > 1 && info.isFile && info.nlink === 1 && info.size <= file.size;
    if (!goesOn) files.remove(path);
    else files.chmod(path, 0o644);
  });
}

/** @returns the files that turned out not to be what was recorded */
async function takeOver(
  reuse: readonly Reuse[],
  target: string,
  files: Files,
  signal: AbortSignal,
): Promise<Missing[]> {
  const doubtful: Reuse[] = [];
  await inSlices(reuse, signal, (one) => {
    if (!one.verified || !linked(one.from, `${target}/${one.file.path}`, files)) doubtful.push(one);
  });
  const others: Missing[] = [];
  for (const one of doubtful) {
    if (!await copied(one, `${target}/${one.file.path}`, files, signal)) others.push(one);
  }
  return others;
}

/** Makes both one file, unless the file system has no more names for it, or they are in two of them. */
function linked(from: string, to: string, files: Files): boolean {
  try {
    files.link(from, to);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EMLINK" || code === "EXDEV" || code === "EPERM") return false;
    throw error;
  }
}

async function copied(
  { file, from }: Reuse,
  to: string,
  files: Files,
  signal: AbortSignal,
): Promise<boolean> {
  files.copy(from, to);
  if (await digestOfFile(to, signal) === file.digest) {
    files.finish(to, modeOf(file));
    return true;
  }
  files.remove(to);
  return false;
}

async function makeLinks(
  entries: Iterable<StoredEntry>,
  target: string,
  files: Files,
  signal: AbortSignal,
): Promise<void> {
  const links = [...entries].filter((entry): entry is LinkEntry => entry.kind === "link");
  await inSlices(links, signal, (link) => {
    const path = `${target}/${link.path}`;
    if (!statOf(path)) files.symlink(link.target, path);
  });
}
