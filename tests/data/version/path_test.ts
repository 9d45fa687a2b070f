import { deepEqual, equal, match } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { defaultLimits } from "../../../lib/data/version/limits.ts";
import {
  comparePaths,
  foldersOf,
  parentOf,
  pathProblem,
  targetProblem,
} from "../../../lib/data/version/path.ts";

const anyText = fc.string({ unit: "binary", maxLength: 12 });

Deno.test("paths are in the order of their UTF-8 bytes, surrogate pairs too", () => {
  equal(Math.sign(comparePaths("\uffee", "\u{1f600}")), -1);
  fc.assert(
    fc.property(
      anyText,
      anyText,
      (a, b) => Math.sign(comparePaths(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b)),
    ),
    { numRuns: 2000 },
  );
});

Deno.test("a path's folders are all above it, and the root is not among them", () => {
  equal(parentOf("a/b/c"), "a/b");
  equal(parentOf("a"), "");
  deepEqual([...foldersOf(["a/b/c", "a/d", "e"])].sort(), ["a", "a/b"]);
});

const longName = "n".repeat(256);
const bad: readonly (readonly [string, RegExp])[] = [
  ["", /empty name/],
  ["/etc/passwd", /empty name/],
  ["a//b", /empty name/],
  ["a/", /empty name/],
  ["..", /"\.\."/],
  ["a/../b", /"\.\."/],
  ["./a", /"\."/],
  ["a\0b", /NUL/],
  ["a\ufffdb", /not UTF-8/],
  ["a\ud800b", /not UTF-8/],
  ["a/.wh.b", /begins with "\.wh\."/],
  [".wh..wh..opq", /begins with "\.wh\."/],
  [longName, /more than 255 bytes/],
  ["é".repeat(128), /more than 255 bytes/],
  [Array(130).fill("d").join("/"), /130 deep: at most 128/],
  [Array(20).fill("d".repeat(200)).join("/"), /4019 bytes long: at most 3072/],
];

Deno.test("paths that no version may have are told what is wrong with them", () => {
  for (const [path, problem] of bad) match(pathProblem(path, defaultLimits) ?? "nothing", problem);
});

Deno.test("odd paths that are fine are taken", () => {
  const fine = [
    "a",
    "...",
    "a b/c\nd",
    "-rf",
    "*",
    "\\",
    "é",
    "😀/😀",
    "n".repeat(255),
    " ",
    "a\tb",
    "~",
    "C:",
  ];
  for (const path of fine) equal(pathProblem(path, defaultLimits), undefined, path);
});

Deno.test("targets that lead nowhere good by themselves are told what is wrong", () => {
  match(targetProblem("/etc/passwd", defaultLimits)!, /absolute/);
  match(targetProblem("", defaultLimits)!, /no target/);
  match(targetProblem("a\0", defaultLimits)!, /NUL/);
  match(targetProblem("\ufffd", defaultLimits)!, /not UTF-8/);
  match(targetProblem("t".repeat(4000), defaultLimits)!, /4000 bytes/);
  equal(targetProblem("../a//b/./c/", defaultLimits), undefined);
});
