/**
 * Trees of files like those that people deploy: words, in many small files. The same ones each time.
 *
 * @module
 */

/** How many files, and how large each is, bytes. */
export interface TreeShape {
  readonly files: number;
  readonly bytes: number;
}

/** 10,000 files, 100 MB. */
export const manySmall: TreeShape = { files: 10_000, bytes: 10_000 };

const words = 4096;

/** The files of a tree by their paths. */
export function treeOf({ files, bytes }: TreeShape): Map<string, string> {
  const random = mulberry32(1);
  const vocabulary = Array.from({ length: words }, () => wordOf(random));
  return new Map(
    Array.from({ length: files }, (_, n) => [pathOf(n), textOf(vocabulary, bytes, random)]),
  );
}

/** The path of the nth file: 100 files a folder. */
export function pathOf(n: number): string {
  return `part-${String(Math.floor(n / 100)).padStart(3, "0")}/file-${n}.txt`;
}

/** A file's new content, another one for each `seed`. */
export function changedFile(bytes: number, seed: number): string {
  const random = mulberry32(1000 + seed);
  return textOf(Array.from({ length: words }, () => wordOf(random)), bytes, random);
}

function textOf(vocabulary: readonly string[], bytes: number, random: () => number): string {
  const parts: string[] = [];
  for (let length = 0; length < bytes;) {
    const word = vocabulary[Math.floor(random() * words)]!;
    parts.push(word);
    length += word.length + 1;
  }
  return parts.join(" ").slice(0, bytes);
}

function wordOf(random: () => number): string {
  const letters = Array.from({ length: 3 + Math.floor(random() * 7) }, () => Math.floor(random() * 26));
  return String.fromCharCode(...letters.map((letter) => 97 + letter));
}

/** A small generator of numbers from 0 to 1, by its seed. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
