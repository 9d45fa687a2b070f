/**
 * The repository's memory over many versions.
 *
 * @module
 */
import { type Figure, median } from "../figure.ts";
import { anonymousOf } from "./cost.ts";
import { Rig } from "./rig.ts";
import { changedFile, pathOf, treeOf } from "./tree.ts";

const versions = 200;
/** Versions at the beginning and at the end that are compared; as many come before, until it has settled. */
const window = 40;
/** A tree of which each version changes one file. */
const tree = { files: 2_000, bytes: 5_000 };
/** Most growth, MiB: what a garbage collection more or less makes. */
const aim = 8;

/** Measures a repository that takes one push after another. */
export async function versionFigures(folder: string): Promise<Figure[]> {
  await using rig = await Rig.start(folder);
  const { pid } = rig.repository.program.process;
  await rig.push(treeOf(tree));
  const memory: number[] = [];
  for (let n = 1; n < versions; n++) {
    await rig.push(new Map([[pathOf(n * 97 % tree.files), changedFile(tree.bytes, n)]]));
    memory.push(anonymousOf(pid));
  }
  const first = median(memory.slice(window, 2 * window));
  const last = median(memory.slice(-window));
  return [{
    what: "repository, growth",
    value: `${(last - first).toFixed(1)} MiB`,
    aim: `at most ${aim} MiB`,
    met: last - first <= aim,
    meaning:
      `anonymous memory over ${versions} versions of 2,000 files: ${first.toFixed(0)} MiB around the ` +
      `${window * 3 / 2}th, ${last.toFixed(0)} MiB at the last ones, ${
        Math.max(...memory).toFixed(0)
      } MiB at most`,
  }];
}
