import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Digest } from "../../../lib/contract/ids.ts";
import { contentIdOf, layerKeyOf } from "../../../lib/data/version/content_id.ts";
import type { Entry, FileEntry } from "../../../lib/data/version/entry.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;
const file: FileEntry = { kind: "file", path: "a", executable: false, size: 3, digest: digest("a") };

Deno.test("the identity of a tree never changes from one release to the next", () => {
  const tree: Entry[] = [
    file,
    { kind: "link", path: "b", target: "a" },
    { kind: "folder", path: "c/d" },
    { ...file, path: "é", executable: true },
  ];
  equal(contentIdOf(tree), "sha256:874fe44251081279e8888217d37b7570491fc6e9368acc7db8d35175344731c2");
});

Deno.test("every part of an entry is part of the identity", () => {
  const others: Entry[] = [
    { ...file, path: "b" },
    { ...file, executable: true },
    { ...file, size: 4 },
    { ...file, digest: digest("b") },
    { kind: "link", path: "a", target: "x" },
    { kind: "link", path: "a", target: "y" },
    { kind: "folder", path: "a" },
  ];
  const ids = [[], [file], ...others.map((one) => [one])].map(contentIdOf);
  equal(new Set(ids).size, ids.length);
  notEqual(contentIdOf([file]) as string, layerKeyOf([file]) as string);
});

Deno.test("the identity is the same whatever the order", () => {
  const paths = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(paths, (names) => {
      const entries = names.map((path): Entry => ({ ...file, path }));
      equal(contentIdOf(entries), contentIdOf(entries.toReversed()));
    }),
  );
});
