import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { BlobFolder } from "../../../lib/data/blobs/blob_folder.ts";
import { readCatalogue } from "../../../lib/data/repository/catalogue_file.ts";
import { ArchiveHasher } from "../../../lib/data/repository/archive_hash.ts";
import type { StoredVersion } from "../../../lib/data/repository/stored_version.ts";
import { parseManifest } from "../../../lib/data/version/parse_manifest.ts";
import type { Digest } from "../../../lib/contract/ids.ts";
import { pass } from "../../cluster/support/wait.ts";
import { Stage } from "./stage.ts";

const kills = 200;
const calm = new AbortController().signal;

/**
 * How long victims live, milliseconds at most: as it turns out to be of interest on this machine. Who lives long
 * enough to make a version shortens the lives of those after him.
 */
class Lives {
  #longest = 700;

  next(): number {
    return Math.random() * this.#longest;
  }

  ended(madeOne: boolean): void {
    this.#longest = Math.max(200, Math.min(5_000, this.#longest * (madeOne ? 0.9 : 1.03)));
  }
}

Deno.test("200 SIGKILLs while versions come and go: what is catalogued is whole, and nothing is left over", async () => {
  await using stage = await Stage.start({
    keepLast: 2,
    kept: { read: () => Promise.resolve(new Map()) },
  });
  const files = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`d/${i}`, noise(200)]));
  const first = await stage.upstream.push(files);
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", first);
  await stage.close();
  const lives = new Lives();
  const seen = new Set<string>();
  for (let kill = 0; kill < kills; kill++) {
    const victim = start(stage);
    const push = kill % 2 === 0
      ? stage.upstream.push({ [`d/${kill}`]: noise(200), [`new/${kill}`]: "new" })
      : undefined;
    await pass(lives.next());
    victim.kill("SIGKILL");
    await Promise.all([victim.status, push]);
    const known = seen.size;
    for (const path of await checkCatalogue(stage.archive)) seen.add(path);
    lives.ended(seen.size > known);
  }
  // Otherwise the kills came too early to be of interest.
  ok(seen.size > kills / 20, `only ${seen.size} versions were made`);
  await converges(stage);
});

function start(stage: Stage): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "-A",
      new URL("victim.ts", import.meta.url).pathname,
      stage.archive,
      `${stage.root}/scratch`,
      stage.upstream.bare,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

async function converges(stage: Stage): Promise<void> {
  await stage.open();
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", (await stage.upstream.git("rev-parse", "HEAD")).trim());
  await stage.parts.upkeep.turn(calm);
  const { repository } = stage.parts;
  const versions = repository.versionsOf("s");
  ok(versions.length <= 2);
  const needed = new Set<Digest>();
  for (const version of versions) {
    for (const digest of await checkVersion(repository.store.blobs, version)) needed.add(digest);
    const { layers } = repository.manifest(version.digest);
    equal(await new ArchiveHasher().hash(layers, repository.store.blobs, calm), version.hash);
  }
  deepEqual(repository.store.blobs.list().map(({ digest }) => digest).sort(), [...needed].sort());
  deepEqual(await leftOver(stage.archive), []);
  deepEqual(await leftOver(`${stage.root}/scratch`), []);
}

/** Every version of the catalogue on the disk is whole; returns their names. */
async function checkCatalogue(archive: string): Promise<string[]> {
  const versions = [...(await readCatalogue(`${archive}/catalogue.json`)).values()].flat();
  for (const version of versions) await checkVersion(new BlobFolder(archive), version);
  return versions.map(({ path }) => path);
}

/** Checks every byte of a version's blobs by their digests, and returns these. */
function checkVersion(blobs: BlobFolder, { digest }: StoredVersion): Promise<Digest[]> {
  const { config, layers } = parseManifest(blobs.read(digest));
  const all = [digest, config.digest, ...layers.map((layer) => layer.digest)];
  for (const one of all) {
    equal(`sha256:${createHash("sha256").update(blobs.read(one)).digest("hex")}`, one);
  }
  return Promise.resolve(all);
}

/** Files that only somebody who was killed leaves. */
async function leftOver(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (/^(\.?tmp|unfinished$)|\.lock$/.test(name) && name !== ".lock") found.push(path);
    if (name === ".writing") {
      for await (const { name } of Deno.readDir(path)) found.push(`${path}/${name}`);
    } else if (isDirectory) found.push(...await leftOver(path));
  }
  return found;
}

function noise(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
