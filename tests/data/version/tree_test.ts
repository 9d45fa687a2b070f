import { doesNotThrow, throws } from "node:assert/strict";
import type { EntryShape } from "../../../lib/data/version/entry.ts";
import { defaultLimits, type Limits } from "../../../lib/data/version/limits.ts";
import { checkTree } from "../../../lib/data/version/tree.ts";

const file = (path: string, size = 1): EntryShape => ({ kind: "file", path, size });
const link = (path: string, target: string): EntryShape => ({ kind: "link", path, target });
const folder = (path: string): EntryShape => ({ kind: "folder", path });

function refused(entries: readonly EntryShape[], message: RegExp, limits: Partial<Limits> = {}): void {
  throws(() => checkTree(entries, { ...defaultLimits, ...limits }), { name: "BadVersion", message });
}

Deno.test("a tree of files, links and empty folders is taken", () => {
  doesNotThrow(() =>
    checkTree([file("a/b"), file("a.b"), link("a/c", "../a/b"), link("d", "."), folder("e/f")], defaultLimits)
  );
});

Deno.test("an entry that is there twice is named", () => {
  refused([file("a"), link("a", "b")], /Entry "a" is there twice/);
});

Deno.test("a file, a link or an empty folder that something is in is named", () => {
  refused([file("a"), file("a/b")], /Entry "a" is a file, and yet/);
  refused([file("a/b/c"), link("a", "d")], /Entry "a" is a link, and yet/);
  refused([folder("a"), folder("a/b")], /Entry "a" is a folder without content, and yet/);
});

Deno.test("names that differ only in their Unicode form are refused, in files and in folders above", () => {
  refused([file("caf\u00e9"), file("cafe\u0301")], /"cafe\\u\{301\}" differs from "caf\\u\{e9\}" only/);
  refused([file("\u00e9/a"), file("e\u0301/b")], /only in its Unicode form/);
  doesNotThrow(() => checkTree([file("\u00e9/a"), file("\u00e9/b")], defaultLimits));
});

Deno.test("each limit names the entry that passes it", () => {
  refused([file("a"), file("b"), file("c")], /3 entries: at most 2 .* "c"/, { entries: 2 });
  refused([file("big", 11)], /"big" is 11 bytes large: at most 10/, { fileBytes: 10 });
  refused([file("a", 6), file("b", 6)], /more than 10 bytes with entry "b"/, { totalBytes: 10 });
  refused([file("a/b/c")], /"a\/b\/c" is 3 deep: at most 2/, { depth: 2 });
  refused([file("abcdef")], /"abcdef" is 6 bytes long: at most 5/, { pathBytes: 5 });
  refused([file("abc/d")], /"abc\/d" holds a name of more than 2 bytes/, { nameBytes: 2 });
});

Deno.test("a name that others wrote is cleaned where it is told", () => {
  refused([file("a\u001b[31m\n"), file("a\u001b[31m\n")], /^Entry "a \[31m" is there twice/);
});

Deno.test("a link that leads out of the tree is named", () => {
  refused([link("a", "..")], /Entry "a" is a link to ".." *, which leads out/);
  refused([link("a/b/c", "../../../x")], /"a\/b\/c" is a link .* leads out/);
  refused([link("a", "b/../../c")], /leads out/);
  refused([link("a", "/etc")], /absolute target/);
});

Deno.test("a link that leads out by way of other links is named", () => {
  // Word by word "a/b/up/../../.." ends in the root; through the link "up" it ends above it.
  refused([link("a/b/up", ".."), link("a/b/x", "up/../../..")], /"a\/b\/x" is a link .* leads out/);
  refused([link("in", "deep/er"), file("deep/er/f"), link("x", "in/../../..")], /"x" is a link .* leads out/);
});

Deno.test("links that stay are taken: to folders, to nothing, in a circle", () => {
  doesNotThrow(() =>
    checkTree(
      [
        link("a/b/c", "../.."),
        link("x", "nowhere/at/all"),
        link("p", "q"),
        link("q", "p"),
        link("self", "self"),
        link("in", "deep/er"),
        file("deep/er/f"),
        link("y", "in/../er/f"),
      ],
      defaultLimits,
    )
  );
});

Deno.test("links that are made to be followed for ever are refused soon", () => {
  const long = Array(700).fill("l0").join("/");
  const links = Array.from({ length: 3000 }, (_, i) => link(`l${i}`, i === 0 ? "." : long));
  const wide = Array.from({ length: 12_000 }, (_, i) => link(`w${i}`, Array(1000).fill(".").join("/")));
  refused([...wide, ...links], /one link too many to follow/);
});
