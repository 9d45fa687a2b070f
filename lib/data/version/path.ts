/**
 * Paths of a version: which are valid, and their order.
 *
 * @module
 */
import { byteLength } from "../../contract/text.ts";
import type { Limits } from "./limits.ts";

/** Orders paths by their UTF-8 bytes, which is the order of code points and not JavaScript's. */
export function comparePaths(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Halves of surrogate pairs stand for code points past U+FFFF, so they come last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The same things in the order of their paths. */
export function inOrder<T extends { readonly path: string }>(things: readonly T[]): T[] {
  return [...things].sort((a, b) => comparePaths(a.path, b.path));
}

/** The folder that holds `path`; empty for the tree's root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Every folder that the paths imply, without the tree's root. */
export function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    // A folder that is known has brought those above it.
    for (let folder = parentOf(path); folder !== "" && !folders.has(folder); folder = parentOf(folder)) {
      folders.add(folder);
    }
  }
  return folders;
}

/** https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
const whiteout = ".wh.";

/**
 * What is wrong with a path, in words that follow it.
 *
 * @returns `undefined` where nothing is wrong
 */
export function pathProblem(path: string, limits: Limits): string | undefined {
  const bytes = byteLength(path);
  if (bytes > limits.pathBytes) return `is ${bytes} bytes long: at most ${limits.pathBytes} are taken`;
  if (path.includes("\0")) return "holds a NUL";
  if (!isUtf8(path)) return "is not UTF-8, or holds U+FFFD, which stands for what is not";
  const names = path.split("/");
  if (names.length > limits.depth) return `is ${names.length} deep: at most ${limits.depth} are taken`;
  if (names.includes("..") || names.includes(".")) return 'holds a "." or ".." as a name';
  if (names.includes("")) return "holds an empty name";
  if (path.includes(whiteout) && names.some((name) => name.startsWith(whiteout))) {
    return `holds a name that begins with "${whiteout}": in a layer it would delete another entry`;
  }
  if (bytes > limits.nameBytes && names.some((name) => byteLength(name) > limits.nameBytes)) {
    return `holds a name of more than ${limits.nameBytes} bytes`;
  }
  return undefined;
}

/**
 * What is wrong with a link's target by itself, in words that follow the link's name. Where it leads is told by
 * the whole tree.
 */
export function targetProblem(target: string, limits: Limits): string | undefined {
  const bytes = byteLength(target);
  if (bytes > limits.pathBytes) {
    return `has a target of ${bytes} bytes: at most ${limits.pathBytes} are taken`;
  }
  if (target === "") return "has no target";
  if (target.includes("\0")) return "has a target that holds a NUL";
  if (!isUtf8(target)) return "has a target that is not UTF-8, or holds U+FFFD, which stands for what is not";
  if (target.startsWith("/")) return "has an absolute target, which is outside the tree";
  return undefined;
}

/** The runtime puts U+FFFD where bytes of a name are not UTF-8, so one that is meant cannot be told from these. */
function isUtf8(text: string): boolean {
  return text.isWellFormed() && !text.includes("\ufffd");
}
