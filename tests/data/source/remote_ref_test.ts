import { deepEqual, equal } from "node:assert/strict";
import { findRef, isCommit, mayAbbreviateCommit, patternsFor } from "../../../lib/data/source/remote_ref.ts";

const id = (digit: string) => digit.repeat(40);
const listed = [
  [id("1"), "HEAD"],
  [id("2"), "refs/heads/x"],
  [id("3"), "refs/tags/x"],
  [id("4"), "refs/tags/v1"],
  [id("5"), "refs/tags/v1^{}"],
  [id("6"), "refs/remotes/o/refs/heads/y"],
].map((line) => line.join("\t")).join("\n") + "\n";

Deno.test("a branch comes before a tag, an annotated tag is its commit, and only whole names count", () => {
  deepEqual(findRef(listed, undefined), { commit: id("1"), name: "HEAD" });
  deepEqual(findRef(listed, "HEAD"), { commit: id("1"), name: "HEAD" });
  deepEqual(findRef(listed, "x"), { commit: id("2"), name: "refs/heads/x" });
  deepEqual(findRef(listed, "refs/tags/x"), { commit: id("3"), name: "refs/tags/x" });
  deepEqual(findRef(listed, "v1"), { commit: id("5"), name: "refs/tags/v1" });
  equal(findRef(listed, "y"), undefined);
  equal(findRef("", undefined), undefined);
  equal(findRef("no commit\trefs/heads/x", "x"), undefined);
});

Deno.test("the upstream is asked for just what may be meant", () => {
  deepEqual(patternsFor(undefined), ["HEAD"]);
  deepEqual(patternsFor("a/b"), ["refs/heads/a/b", "refs/tags/a/b", "refs/tags/a/b^{}"]);
  deepEqual(patternsFor("refs/tags/t"), ["refs/tags/t", "refs/tags/t^{}"]);
});

Deno.test("a commit is its whole name, of either hash, and its beginning may be one", () => {
  equal(isCommit(id("a")), true);
  equal(isCommit("a".repeat(64)), true);
  for (const ref of ["a".repeat(39), "A".repeat(40), "main", ""]) equal(isCommit(ref), false);
  equal(mayAbbreviateCommit("abcdef0"), true);
  equal(mayAbbreviateCommit("abcdef"), false);
  equal(mayAbbreviateCommit("feature"), false);
});
