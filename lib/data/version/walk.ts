/**
 * Finds what is in a folder, without reading any file.
 *
 * @module
 */
import { exitCode, Failure, messageOf } from "../../runtime/failure.ts";
import { BadVersion, shown } from "./bad_version.ts";
import { FolderChanged } from "./folder_changed.ts";
import type { FolderEntry, LinkEntry } from "./entry.ts";
import type { Limits } from "./limits.ts";
import type { FileStamp } from "./memo.ts";
import { inOrder, pathProblem, targetProblem } from "./path.ts";
import type { Slices } from "../slices.ts";

/** A regular file as a folder lists it. */
export interface FoundFile {
  readonly kind: "file";
  readonly path: string;
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
  readonly stamp: FileStamp;
}

/** One thing that was found. Folders are told of where they are empty. */
export type Found = FoundFile | LinkEntry | FolderEntry;

/** What a walk goes by. */
export interface WalkOptions {
  readonly limits: Limits;
  /** Names at the folder's root that are passed over. */
  readonly skip: readonly string[];
  readonly slices: Slices;
}

/**
 * Lists a folder and all below it, in the order of the paths.
 *
 * @throws BadVersion that names what no version may hold: devices, pipes, sockets, names that are not UTF-8
 */
export async function walkFolder(folder: string, { limits, skip, slices }: WalkOptions): Promise<Found[]> {
  const found: Found[] = [];
  const ahead = [""];
  for (let inside = ahead.pop(); inside !== undefined; inside = ahead.pop()) {
    const names = namesIn(folder, inside).filter((name) => inside !== "" || !skip.includes(name));
    if (names.length === 0 && inside !== "") found.push({ kind: "folder", path: inside });
    for (const name of names) {
      const path = inside === "" ? name : `${inside}/${name}`;
      const one = lookAt(folder, path, limits);
      if (one.kind === "folder") ahead.push(path);
      else found.push(one);
      if (found.length > limits.entries) {
        throw new BadVersion(
          `Cannot pack ${folder}: with ${shown(path)} it has more than ${limits.entries} entries.`,
        );
      }
      await slices.next();
    }
  }
  return inOrder(found);
}

function namesIn(folder: string, inside: string): string[] {
  const at = inside === "" ? folder : `${folder}/${inside}`;
  try {
    return [...Deno.readDirSync(at)].map(({ name }) => name);
  } catch (cause) {
    if (inside !== "" && cause instanceof Deno.errors.NotFound) throw new FolderChanged(inside);
    throw new Failure(
      `Cannot pack ${folder}: ${shown(inside || ".")} cannot be listed: ${messageOf(cause)}.`,
      exitCode.couldNot,
      { cause },
    );
  }
}

/** What is at a path. A folder is told of whether it is empty or not. */
function lookAt(folder: string, path: string, limits: Limits): Found {
  const refuse = (problem: string) =>
    new BadVersion(`Cannot pack ${folder}: entry ${shown(path)} ${problem}.`);
  // Before it is looked for: a name that is not UTF-8 would not be found under what stands for it.
  const problem = pathProblem(path, limits);
  if (problem !== undefined) throw refuse(problem);
  const at = `${folder}/${path}`;
  const info = unlessGone(path, () => Deno.lstatSync(at));
  if (info.isDirectory) return { kind: "folder", path };
  if (info.isSymlink) {
    const target = unlessGone(path, () => targetOf(at));
    if (target === undefined) throw refuse("has a target that is not UTF-8");
    const problem = targetProblem(target, limits);
    if (problem !== undefined) throw refuse(problem);
    return { kind: "link", path, target };
  }
  if (!info.isFile) throw refuse(`is a ${kindOf(info)}: only files, links and folders are taken`);
  const executable = ((info.mode ?? 0) & 0o100) !== 0;
  return { kind: "file", path, executable, size: info.size, stamp: stampOf(info) };
}

/** A link's target, or `undefined` where it is not UTF-8. */
function targetOf(link: string): string | undefined {
  try {
    return Deno.readLinkSync(link);
  } catch (error) {
    if (error instanceof Deno.errors.InvalidData) return undefined;
    throw error;
  }
}

function unlessGone<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new FolderChanged(path);
    throw error;
  }
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isFifo) return "named pipe";
  return info.isSocket ? "socket" : "device";
}

/** What tells a file from what it may become. */
export function stampOf({ size, mtime, ctime, ino }: Deno.FileInfo): FileStamp {
  return { size, mtime: mtime?.getTime() ?? 0, ctime: ctime?.getTime() ?? 0, ino: ino ?? 0 };
}
