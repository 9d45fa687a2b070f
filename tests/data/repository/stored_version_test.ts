import { deepEqual, equal } from "node:assert/strict";
import { unneeded } from "../../../lib/data/repository/retention.ts";
import {
  findPath,
  findVersion,
  newest,
  type StoredVersion,
  withNewest,
  withRestored,
} from "../../../lib/data/repository/stored_version.ts";

const version = (content: string, packedAt = 0, path = `1-${content.repeat(40)}.tar`): StoredVersion => ({
  path,
  hash: "",
  time: 1,
  digest: `sha256:${content}` as StoredVersion["digest"],
  version: `sha256:${content}` as StoredVersion["version"],
  packedAt,
});

const [a, b, c] = [version("a"), version("b"), version("c")];

Deno.test("a new version is the newest; what is the newest already changes nothing", () => {
  deepEqual(withNewest([a, b], c), [a, b, c]);
  const list = [a, b];
  equal(withNewest(list, version("b", 9, "2-bbbbbbb.tar")), list);
});

Deno.test("content that comes back is the newest under its new name, and there once", () => {
  const again = version("a", 9, "2-aaaaaaa.tar");
  deepEqual(withNewest([a, b], again), [b, again]);
});

Deno.test("a version that was lost is the oldest, and never the newest", () => {
  deepEqual(withRestored([b, c], a), [a, b, c]);
  const list = [b, c];
  equal(withRestored(list, b), list);
});

Deno.test("a version is found by digest, tag and as latest", () => {
  const list = [a, b];
  equal(findVersion(list, "sha256:a"), a);
  equal(findVersion(list, `1-${"b".repeat(40)}`), b);
  equal(findVersion(list, "latest"), b);
  equal(findVersion(list, a!.path), undefined);
  equal(findVersion([], "latest"), undefined);
  equal(newest([]), undefined);
});

Deno.test("of two versions of one name the newest is found, and each by its digest", () => {
  const other = version("b", 1, a!.path);
  equal(findPath([a!, other], a!.path), other);
  equal(findVersion([a!, other], a!.path.replace(".tar", "")), other);
  equal(findVersion([a!, other], "sha256:a"), a);
});

Deno.test("old versions that nobody keeps are not needed; the last ones, kept ones and young ones are", () => {
  const list = [
    version("a", 100),
    version("b", 100),
    version("c", 950),
    version("d", 100),
    version("e", 100),
  ];
  const kept = (one: StoredVersion) => one.version === "sha256:b";
  const rules = { kept, last: 1, graceSeconds: 60 };
  deepEqual(unneeded(list, rules, 1000).map(({ version }) => version), ["sha256:a", "sha256:d"]);
  deepEqual(unneeded(list, { ...rules, last: 5 }, 1000), []);
  deepEqual(unneeded(list, { ...rules, last: 0 }, 1000).length, 3);
  deepEqual(unneeded(list, rules, 0), [], "a clock that was set back deletes nothing");
});
