/** Slow: damages every byte of a small version, and cuts each of its blobs at every length. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Digest } from "../../../lib/contract/ids.ts";
import { faultOf } from "../../../lib/data/deploy/faults.ts";
import { systemFiles } from "../../../lib/data/fetch/files.ts";
import type { Location } from "../../../lib/data/deploy/location.ts";
import { DyingFiles } from "../deploy/dying_files.ts";
import { expectTree, namesIn, onStage, type Stage } from "../deploy/stage.ts";
import { MemorySource } from "./hostile.ts";
import type { Made } from "./upstream.ts";

/** A version of two files, a link and an empty folder: in place is another one. */
async function small(stage: Stage): Promise<{ before: Made; version: Made; blobs: Map<Digest, Uint8Array> }> {
  const before = await stage.upstream.make({ a: "before" });
  const version = await stage.upstream.make({
    "a": "after",
    "b/c": "content ".repeat(8),
    "l": { link: "a" },
    "d/": "",
  });
  const digests = [version.digest, ...version.manifest.layers.map(({ digest }) => digest)];
  const blobs = new Map(digests.map((digest) => [digest, stage.upstream.read(digest)!]));
  return { before, version, blobs };
}

/** Whether a byte is one that must be right: of the manifest, or of a table. */
function isTold({ digest, manifest }: Made, blob: Digest, at: number): boolean {
  const table = manifest.layers.find((layer) => layer.digest === blob)?.table;
  return digest === blob || (table !== undefined && at >= table.offset && at < table.offset + table.length);
}

/** A location that does not wait for the disk: there are thousands of attempts. */
function open(stage: Stage): Location {
  return stage.open({ files: new DyingFiles(Infinity, "before").files });
}

/** Tries to put a damaged version in place. @returns the fault, or `undefined` where it was taken */
async function attempt(
  stage: Stage,
  version: Made,
  blobs: ReadonlyMap<Digest, Uint8Array>,
): Promise<string | undefined> {
  try {
    await stage.place(open(stage), version, { source: new MemorySource(blobs) });
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}

Deno.test("a flipped byte is refused and nothing is swapped, or it changes nothing of the content", () =>
  onStage(async (stage) => {
    const { before, version, blobs } = await small(stage);
    await stage.place(open(stage), before);
    const link = await Deno.readLink(`${stage.path}/web`);
    let refused = 0;
    for (const [digest, bytes] of blobs) {
      for (let at = 0; at < bytes.length; at++) {
        const damaged = bytes.slice();
        damaged[at]! ^= 1 << (at % 8);
        const fault = await attempt(stage, version, new Map([...blobs, [digest, damaged]]));
        if (fault !== undefined) {
          refused++;
          equal(fault, "digest", `byte ${at} of ${digest}`);
          equal(await Deno.readLink(`${stage.path}/web`), link);
          continue;
        }
        // Headers of the tar between files, what other readers need, and bits that mean nothing to zstd.
        ok(!isTold(version, digest, at), `byte ${at} of ${digest} was taken`);
        await expectTree(stage, "tree-2");
        // Nothing of it may be known to the next attempt.
        await systemFiles().removeTree(`${stage.path}/.versions`);
        await stage.place(open(stage), before);
      }
    }
    ok(refused > 1000, `${refused} bytes were refused`);
  }));

Deno.test("a blob that is cut, at whatever length, is refused and nothing is swapped", () =>
  onStage(async (stage) => {
    const { before, version, blobs } = await small(stage);
    await stage.place(open(stage), before);
    const link = await Deno.readLink(`${stage.path}/web`);
    for (const [digest, bytes] of blobs) {
      // What comes after the table is for other readers.
      const layer = version.manifest.layers.find((one) => one.digest === digest);
      const needed = layer ? layer.table.offset + layer.table.length : bytes.length;
      for (let length = 0; length < needed; length++) {
        const fault = await attempt(stage, version, new Map([...blobs, [digest, bytes.slice(0, length)]]));
        equal(fault, layer ? "repository" : "digest", `${length} bytes of ${digest}`);
      }
    }
    equal(await Deno.readLink(`${stage.path}/web`), link);
    deepEqual(namesIn(stage.path), [".versions", "web"]);
  }));
