import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import type { Digest } from "../../../lib/contract/ids.ts";
import { BlobFolder, WritableBlobFolder } from "../../../lib/data/blobs/blob_folder.ts";
import { digestOf, inFolder } from "../version/support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const missing = `sha256:${"0".repeat(64)}` as Digest;

function inBlobs(work: (blobs: WritableBlobFolder, folder: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    using blobs = await WritableBlobFolder.open(folder);
    await work(blobs, folder);
  });
}

/** A file that stays open fails the test. */
const closed = { sanitizeResources: true };

const unfinished = (folder: string) => [...Deno.readDirSync(`${folder}/.writing`)].length;

Deno.test("a blob is found under its digest, where an OCI layout has it, whole and in parts", () =>
  inBlobs(async (blobs, folder) => {
    const digest = await blobs.put(bytes("0123456789"));
    equal(digest, digestOf(bytes("0123456789")));
    equal(blobs.path(digest), `${folder}/blobs/sha256/${digest.slice(7)}`);
    equal(blobs.size(digest), 10);
    equal(text(blobs.read(digest)), "0123456789");
    equal(text(blobs.read(digest, { offset: 3, length: 4 })), "3456");
    equal(text(blobs.read(digest, { offset: 10, length: 0 })), "");
    deepEqual(blobs.list(), [{ digest, size: 10 }]);
    deepEqual(new BlobFolder(folder).list(), blobs.list());
  }));

Deno.test("a blob of many writes, small and large, is all of them in order", () =>
  inBlobs(async (blobs) => {
    const parts = [10, 300_000, 1, 0, 262_143, 2, 1_000_000].map((size, i) => new Uint8Array(size).fill(i));
    const writer = blobs.writer();
    for (const part of parts) writer.write(part);
    equal(writer.size, parts.reduce((total, { length }) => total + length, 0));
    const { digest, size } = await writer.commit();
    const all = new Uint8Array(await new Blob(parts).arrayBuffer());
    equal(size, all.length);
    equal(digest, digestOf(all));
    deepEqual(blobs.read(digest), all);
  }));

Deno.test(
  "a stream gives just its range, also when the blob is deleted meanwhile",
  closed,
  () =>
    inBlobs(async (blobs) => {
      const all = new Uint8Array(1_000_000).map((_, i) => i % 251);
      const digest = await blobs.put(all);
      const stream = blobs.stream(digest, { offset: 5, length: 900_000 });
      blobs.delete(digest);
      deepEqual(new Uint8Array(await new Response(stream).arrayBuffer()), all.subarray(5, 900_005));
      equal(blobs.has(digest), false);
      blobs.delete(digest);
    }),
);

Deno.test("a stream that nobody reads to its end is closed", closed, () =>
  inBlobs(async (blobs) => {
    const digest = await blobs.put(new Uint8Array(1_000_000));
    await blobs.stream(digest).cancel();
    equal((await new Response(blobs.stream(digest, { offset: 0, length: 0 })).arrayBuffer()).byteLength, 0);
  }));

Deno.test(
  "a stream whose blob is cut meanwhile fails, and nothing stays open",
  closed,
  () =>
    inBlobs(async (blobs) => {
      const digest = await blobs.put(new Uint8Array(1_000_000));
      const stream = blobs.stream(digest);
      await Deno.truncate(blobs.path(digest), 300_000);
      await rejects(new Response(stream).arrayBuffer(), /Cannot read 1000000 bytes at 0 of blob/);
    }),
);

Deno.test("pieces are just their range, in order", () =>
  inBlobs(async (blobs) => {
    const all = new Uint8Array(1_000_000).map((_, i) => i % 251);
    using blob = blobs.open(await blobs.put(all));
    let at = 5;
    for (const piece of blob.pieces({ offset: 5, length: 900_000 })) {
      deepEqual(piece, all.subarray(at, at + piece.length));
      at += piece.length;
    }
    equal(at, 900_005);
    throws(() => [...blob.pieces({ offset: 999_999, length: 2 })], /it has 1000000/);
  }));

Deno.test("what is not there is said so, with its digest", () =>
  inBlobs((blobs) => {
    equal(blobs.size(missing), undefined);
    throws(() => blobs.read(missing), new RegExp(`Cannot read blob ${missing}.*not there`));
    throws(() => blobs.stream(missing), /not there/);
    return Promise.resolve();
  }));

Deno.test(
  "a range that a blob does not have is refused, and nothing stays open",
  closed,
  () =>
    inBlobs(async (blobs) => {
      const digest = await blobs.put(bytes("0123456789"));
      throws(() => blobs.read(digest, { offset: 8, length: 3 }), /Cannot read 3 bytes at 8 .* it has 10/);
      throws(() => blobs.stream(digest, { offset: -1, length: 3 }), /Cannot read 3 bytes at -1/);
    }),
);

Deno.test("a blob with another digest than was expected is refused, and nothing is left of it", () =>
  inBlobs(async (blobs, folder) => {
    const writer = blobs.writer();
    writer.write(bytes("not this"));
    await rejects(writer.commit(missing), /Cannot store blob sha256:0+: what came is sha256:/);
    deepEqual(blobs.list(), []);
    equal(unfinished(folder), 0);
  }));

Deno.test("a blob that is given up leaves nothing, and giving up a finished one changes nothing", () =>
  inBlobs(async (blobs, folder) => {
    const writer = blobs.writer();
    writer.write(bytes("part"));
    writer.abort();
    equal(unfinished(folder), 0);
    const finished = blobs.writer();
    const { digest } = await finished.commit();
    finished.abort();
    equal(blobs.size(digest), 0);
  }));

Deno.test("one process at a time writes, and the next may once it has ended", () =>
  inFolder(async (folder) => {
    {
      using _blobs = await WritableBlobFolder.open(folder);
      await rejects(WritableBlobFolder.open(folder), /Cannot write to .*: another process does/);
    }
    using _again = await WritableBlobFolder.open(folder);
  }));

Deno.test("files that are no blobs are not listed", () =>
  inBlobs(async (blobs, folder) => {
    await Deno.writeTextFile(`${folder}/blobs/sha256/README`, "no blob");
    await Deno.mkdir(`${folder}/blobs/sha256/${"a".repeat(64)}`);
    deepEqual(blobs.list(), []);
    deepEqual(new BlobFolder(`${folder}/nowhere`).list(), []);
  }));

/** Writes blobs until it is killed. */
const endlessWriter = `
  const { WritableBlobFolder } = await import(Deno.args[1]);
  const blobs = await WritableBlobFolder.open(Deno.args[0]);
  console.log("writing");
  for (let i = 0;; i++) {
    const writer = blobs.writer();
    for (let part = 0; part < 20; part++) writer.write(new Uint8Array(50_000).fill(i));
    await writer.commit();
  }
`;

Deno.test("after a kill at any instant every blob is whole, and nothing unfinished is left", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/writer.ts`, endlessWriter);
    const module = new URL("../../../lib/data/blobs/blob_folder.ts", import.meta.url).href;
    for (let kill = 0; kill < 8; kill++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "--no-check", "-A", `${folder}/writer.ts`, `${folder}/store`, module],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const output = child.stdout.getReader();
      await output.read();
      // Each round ends at another point of the writer's loop.
      await new Promise((resolve) => setTimeout(resolve, 7 * kill));
      child.kill("SIGKILL");
      await child.status;
      await output.cancel();
      using blobs = await WritableBlobFolder.open(`${folder}/store`);
      for (const { digest } of blobs.list()) equal(digestOf(blobs.read(digest)), digest);
      equal(unfinished(`${folder}/store`), 0);
    }
  }));
