import { deepEqual, equal } from "node:assert/strict";
import type { Digest } from "../../../lib/contract/ids.ts";
import { Garbage } from "../../../lib/data/repository/garbage.ts";
import { Stage } from "./stage.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const graceMs = 600_000;

/** A store with one blob that is of no version. */
async function littered(stage: Stage): Promise<{ clock: FakeClock; garbage: Garbage; digest: Digest }> {
  const clock = new FakeClock();
  const { repository } = stage.parts;
  const digest = await repository.store.blobs.put(new TextEncoder().encode("nobody's"));
  return { clock, garbage: new Garbage(repository, clock, graceMs), digest };
}

Deno.test("a blob of no version goes at once, one that was read a while after its last use", async () => {
  await using stage = await Stage.start();
  const { clock, garbage, digest } = await littered(stage);
  garbage.used(digest);
  await clock.advance(graceMs);
  equal(await garbage.collect(), 0);
  garbage.used(digest);
  await clock.advance(graceMs);
  equal(await garbage.collect(), 0);
  await clock.advance(1000);
  equal(await garbage.collect(), 1);
  deepEqual(stage.parts.repository.store.blobs.list(), []);
});

Deno.test("a version that is shown keeps all its blobs, though its manifest was read as a blob just before", async () => {
  await using stage = await Stage.start();
  stage.follow("s:git:UPSTREAM");
  await stage.push({ f: "1" });
  const { clock, garbage } = await littered(stage);
  const { repository } = stage.parts;
  const [version] = repository.versionsOf("s");
  garbage.used(version!.digest);
  garbage.shown(version!);
  await repository.drop("s", [version!]);
  await clock.advance(graceMs / 2);
  equal(await garbage.collect(), 1, "the blob of no version");
  equal(repository.store.blobs.list().length, 3);
});

Deno.test("blobs of a version that is shown on and on stay, though it is forgotten", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", commit);
  const { clock, garbage } = await littered(stage);
  const { repository } = stage.parts;
  const [version] = repository.versionsOf("s");
  await repository.drop("s", [version!]);
  for (let i = 0; i < 30; i++) {
    garbage.shown(version!);
    await clock.advance(graceMs / 11);
    await garbage.collect();
  }
  equal(repository.store.blobs.list().length, 3);
  await clock.advance(graceMs + 1000);
  await garbage.collect();
  deepEqual(repository.store.blobs.list(), []);
});
