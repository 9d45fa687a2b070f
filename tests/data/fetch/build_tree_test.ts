import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type BlobSource, FetchFailure } from "../../../lib/data/fetch/blob_source.ts";
import { buildTree } from "../../../lib/data/fetch/build_tree.ts";
import { type Files, systemFiles } from "../../../lib/data/fetch/files.ts";
import { type ReadVersion, readVersion } from "../../../lib/data/fetch/read_version.ts";
import { inSlices } from "../../../lib/data/slices.ts";
import { forever } from "../deploy/stage.ts";
import { inFolder, type Planted, readTree } from "../version/support.ts";
import { Upstream } from "./upstream.ts";

/** Bytes that cannot be compressed. */
function random(bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
  return all;
}

/** Some small files, and one of several pieces that cannot be compressed. */
function manyThings(): Record<string, Planted> {
  const things: Record<string, Planted> = { run: { program: "x" }, link: { link: "f1/1" } };
  for (let i = 0; i < 200; i++) things[`f${i % 7}/${i}`] = random(500);
  things.large = random(3_600_000);
  return things;
}

function withVersion(
  things: Record<string, Planted>,
  work: (parts: { upstream: Upstream; version: ReadVersion; target: string }) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    using upstream = await Upstream.open(folder);
    const { digest } = await upstream.make(things);
    const version = await readVersion({ source: upstream.source, digest }, forever);
    await work({ upstream, version, target: `${folder}/target` });
  });
}

/** A source that is cut off after so many bytes of content. */
function cutOff(source: BlobSource, bytes: number): BlobSource {
  return {
    ...source,
    read(digest, range, signal) {
      bytes -= range.length;
      if (bytes < 0) return Promise.reject(new FetchFailure("network", "cut off"));
      return source.read(digest, range, signal);
    },
  };
}

Deno.test("a fetch that was cut off goes on with what is there, pieces of large files as well", () =>
  withVersion(manyThings(), async ({ upstream, version: { layers }, target }) => {
    const files = systemFiles();
    let fetched = 0;
    const options = { layers, target, files, fetched: (bytes: number) => fetched += bytes };
    const { source } = upstream;
    const total = 200 * 500 + 3_600_000;
    let attempts = 0;
    while (
      await buildTree({ ...options, source: cutOff(source, 1_500_000) }, forever).catch(() => "cut off")
    ) attempts++;
    ok(attempts >= 2, `${attempts} attempts`);
    ok(fetched < 1.4 * total, `${fetched} bytes for ${total}`);
    deepEqual(await readTree(target), await readTree(`${upstream.folder}/tree-1`));
  }));

for (const code of ["EMLINK", "EXDEV", "EPERM"]) {
  Deno.test(`where no link can be made (${code}), what is on the disk is copied and verified`, () =>
    withVersion(manyThings(), async ({ upstream, version, target }) => {
      const { source } = upstream;
      const files: Files = {
        ...systemFiles(),
        link() {
          throw Object.assign(new Error("no link"), { code });
        },
      };
      const { layers } = version;
      await buildTree({ source, layers, target: `${target}-1`, files }, forever);
      const away = cutOff(source, 0);
      const base = { folder: `${target}-1`, layers };
      await buildTree({ source: away, layers, target, base, files }, forever);
      deepEqual(await readTree(target), await readTree(`${upstream.folder}/tree-1`));
      const { ino } = await Deno.stat(`${target}/run`);
      ok(ino !== (await Deno.stat(`${target}-1/run`)).ino);
    }));
}

Deno.test("modes are what they should be, whatever the process' umask is", () =>
  withVersion(
    { "a": "1", "b/run": { program: "x" }, "large": random(60_000) },
    async ({ upstream, version, target }) => {
      const before = Deno.umask(0o077);
      try {
        await buildTree(
          { source: upstream.source, layers: version.layers, target, files: systemFiles() },
          forever,
        );
      } finally {
        Deno.umask(before);
      }
      const modes = await Promise.all(
        ["a", "b/run", "large", "b", ""].map((path) => Deno.stat(`${target}/${path}`)),
      );
      deepEqual(modes.map(({ mode }) => mode! & 0o777), [0o444, 0o555, 0o444, 0o555, 0o555]);
    },
  ));

Deno.test("who calls a fetch off is not waited for: no read goes on", () =>
  withVersion(manyThings(), async ({ upstream, version: { layers }, target }) => {
    const stop = new AbortController();
    let open = 0;
    const source: BlobSource = {
      ...upstream.source,
      read: (_digest, _range, signal) =>
        new Promise((_, reject) => {
          if (++open === 4) setTimeout(() => stop.abort(new Error("something else is wanted")), 0);
          signal.addEventListener("abort", () => {
            open--;
            reject(signal.reason);
          });
        }),
    };
    const built = buildTree({ source, layers, target, files: systemFiles() }, stop.signal);
    await rejects(built, /something else is wanted/);
    equal(open, 0);
  }));

Deno.test("others have their turn while there is much to do", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const busy = Array.from({ length: 50 }, () => 5);
  await inSlices(busy, forever, (ms) => {
    for (const end = performance.now() + ms; performance.now() < end;);
  });
  clearInterval(timer);
  ok(turns >= 5, `${turns} turns`);
});
