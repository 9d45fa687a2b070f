/**
 * What holds for a tree as a whole, whoever tells of it.
 *
 * @module
 */
import { BadVersion, shown } from "./bad_version.ts";
import type { EntryShape } from "./entry.ts";
import type { Limits } from "./limits.ts";
import { checkLinks } from "./links.ts";
import { foldersOf, pathProblem, targetProblem } from "./path.ts";

/**
 * Checks all entries of a tree: paths, limits, duplicates, a file where a folder must be, names that differ only
 * in their Unicode form, links that leave the tree, also by way of other links.
 *
 * @param entries in any order
 * @throws BadVersion that names the entry
 */
export function checkTree(entries: readonly EntryShape[], limits: Limits): void {
  checkSizes(entries, limits);
  const paths = new Set<string>();
  for (const entry of entries) {
    checkEntry(entry, limits);
    if (paths.has(entry.path)) throw new BadVersion(`Entry ${shown(entry.path)} is there twice.`);
    paths.add(entry.path);
  }
  const folders = foldersOf(paths);
  for (const entry of entries) {
    if (folders.has(entry.path)) {
      throw new BadVersion(
        `Entry ${shown(entry.path)} is a ${word[entry.kind]}, and yet there is something in it.`,
      );
    }
  }
  checkForms([...folders, ...paths]);
  checkLinks(entries, limits);
}

const word = { file: "file", link: "link", folder: "folder without content" } as const;

/** Checks one entry by itself. */
export function checkEntry(entry: EntryShape, limits: Limits): void {
  const problem = pathProblem(entry.path, limits) ??
    (entry.kind === "link" ? targetProblem(entry.target, limits) : undefined);
  if (problem !== undefined) throw new BadVersion(`Entry ${shown(entry.path)} ${problem}.`);
  if (entry.kind === "file" && entry.size > limits.fileBytes) {
    throw new BadVersion(
      `Entry ${shown(entry.path)} is ${entry.size} bytes large: at most ${limits.fileBytes} are taken.`,
    );
  }
}

function checkSizes(entries: readonly EntryShape[], limits: Limits): void {
  if (entries.length > limits.entries) {
    throw new BadVersion(
      `The tree has ${entries.length} entries: at most ${limits.entries} are taken. ` +
        `The first too many is ${shown(entries[limits.entries]!.path)}.`,
    );
  }
  let total = 0;
  for (const entry of entries) {
    if (entry.kind === "file") total += entry.size;
    if (total > limits.totalBytes) {
      throw new BadVersion(
        `The tree's files are more than ${limits.totalBytes} bytes with entry ${shown(entry.path)}: ` +
          `no more are taken.`,
      );
    }
  }
}

/** Two forms of one name are two files on one file system and one file on another. */
function checkForms(paths: readonly string[]): void {
  const forms = new Map<string, string>();
  for (const path of paths) {
    if (!/[^\0-\x7f]/.test(path)) continue;
    const form = path.normalize("NFC");
    const other = forms.get(form);
    if (other !== undefined && other !== path) {
      throw new BadVersion(
        `Entry ${escapedForm(path)} differs from ${escapedForm(other)} only in its Unicode form: rename one.`,
      );
    }
    forms.set(form, path);
  }
}

/** Both look the same, so the characters past ASCII are written as numbers. */
function escapedForm(path: string): string {
  return shown(path).replace(/[^\0-\x7f]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}
