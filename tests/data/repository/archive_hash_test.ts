import { equal } from "node:assert/strict";
import { ArchiveHasher } from "../../../lib/data/repository/archive_hash.ts";
import { Stage } from "./stage.ts";

const calm = new AbortController().signal;

Deno.test("a hasher that saw other versions gives the hash that one gives which saw none", async () => {
  await using stage = await Stage.start();
  const files = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`f${i}`, `${i}`]));
  const commit = await stage.upstream.push(files);
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", commit);
  for (const name of ["f3", "f700", "f1400", "f3"]) await stage.push({ [name]: `${Math.random()}` });
  const { repository } = stage.parts;
  const { blobs } = repository.store;
  const versions = repository.versionsOf("s");
  const hasher = new ArchiveHasher();
  for (const version of [...versions, ...versions.toReversed()]) {
    const { layers } = repository.manifest(version.digest);
    const hash = await new ArchiveHasher().hash(layers, blobs, calm);
    equal(await hasher.hash(layers, blobs, calm), hash);
    equal(version.hash, hash);
  }
});
