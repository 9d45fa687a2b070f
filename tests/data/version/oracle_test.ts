/**
 * Programs that know nothing of this project read its versions and find the identical tree.
 */
import { deepEqual, equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { zstdDecompressSync } from "node:zlib";
import { legacyArchiveSize } from "../../../lib/data/version/legacy.ts";
import type { LayerStore } from "../../../lib/data/version/layer_store.ts";
import { readIndex, writeIndex } from "../../../lib/data/version/layout.ts";
import type { Layer, Position } from "../../../lib/data/version/manifest.ts";
import { packFolder } from "../../../lib/data/version/pack.ts";
import { archiveOf, digestOf, has, inFolder, inStore, plant, readTree, run, untar } from "./support.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A bit of everything, in several layers. */
function plantTree(tree: string): void {
  for (let i = 0; i < 1200; i++) plant(tree, { [`many/${i % 30}/file ${i}`]: `${i} `.repeat(i % 300) });
  plant(tree, {
    "tool": { program: "#!/bin/sh\n" },
    "empty": "",
    "hollow/folder/": "",
    "é ü/😀\nnext line": "odd",
    [`${"long ".repeat(40)}/${"name".repeat(60)}`]: "long",
    "link": { link: "many/3/file 3" },
    [`far/link`]: { link: `../${"x".repeat(150)}` },
    "umlaut link": { link: "é ü/😀\nnext line" },
    "large": new Uint8Array(3_400_000).map((_, i) => (i * i) >> 8),
    "chunk": new Uint8Array(1 << 20).fill(7),
  });
}

const oracles = { ignore: !has("zstd") || !has("tar") };
const skopeo = { ignore: !has("skopeo") };

Deno.test({
  ...oracles,
  name: "zstd and tar make the identical tree of the layers' blobs as they are, one after the other",
  fn: () =>
    inStore(async ({ store, tree, folder }) => {
      plantTree(tree);
      const { manifest, entries } = await packFolder(tree, store);
      const blobs = manifest.layers.map(({ digest }) => store.blobs.read(digest));
      await untar(new Uint8Array(Buffer.concat(blobs)), `${folder}/out`);
      deepEqual(await readTree(`${folder}/out`), entries);
    }),
});

Deno.test({
  ...oracles,
  name: "zstd and tar make the identical tree of the older route's archive, which is one tar with one end",
  fn: () =>
    inStore(async ({ store, tree, folder }) => {
      plantTree(tree);
      const { manifest, entries } = await packFolder(tree, store);
      const archive = archiveOf(store, manifest.layers);
      equal(archive.length, legacyArchiveSize(manifest.layers));
      await Deno.mkdir(`${folder}/out`);
      const tar = await run("zstd", ["-d", "-c", "-q"], archive);
      await run("tar", ["-x", "-p", "-C", `${folder}/out`], tar);
      deepEqual(await readTree(`${folder}/out`), entries);
      const ends = tar.subarray(-1024);
      equal(ends.every((byte) => byte === 0) && tar.length % 512 === 0, true);
    }),
});

Deno.test({
  ...oracles,
  name: "tar lists owners, times and modes as a version has them: none, none, 0644 and 0755",
  fn: () =>
    inStore(async ({ store, tree }) => {
      plant(tree, { "a/b": "x", "a/tool": { program: "y" }, "a/link": { link: "b" } });
      const { manifest } = await packFolder(tree, store);
      const tar = await run("zstd", ["-d", "-c", "-q"], store.blobs.read(manifest.layers[0]!.digest));
      const list = text(await run("tar", ["-t", "-v", "--numeric-owner", "--utc"], tar));
      deepEqual(list.trimEnd().split("\n").map((line) => line.replace(/ +/g, " ")), [
        "drwxr-xr-x 0/0 0 1970-01-01 00:00 a/",
        "-rw-r--r-- 0/0 1 1970-01-01 00:00 a/b",
        "lrwxrwxrwx 0/0 0 1970-01-01 00:00 a/link -> b",
        "-rwxr-xr-x 0/0 1 1970-01-01 00:00 a/tool",
      ]);
    }),
});

Deno.test({
  ...skopeo,
  name: "skopeo inspects a layout, and its copy has the same bytes",
  fn: () =>
    inStore(async ({ store, tree, folder }) => {
      plantTree(tree);
      const version = await packFolder(tree, store);
      await writeIndex(`${folder}/store`, [{ ...version, tag: "latest" }]);
      const seen = JSON.parse(text(await run("skopeo", ["inspect", `oci:${folder}/store:latest`])));
      equal(seen.Digest, version.digest);
      deepEqual(seen.Layers, version.manifest.layers.map(({ digest }) => digest));
      await run("skopeo", ["--insecure-policy", "copy", `oci:${folder}/store:latest`, `dir:${folder}/copy`]);
      equal(digestOf(await Deno.readFile(`${folder}/copy/manifest.json`)), version.digest);
      for (const { digest } of version.manifest.layers) {
        equal(digestOf(await Deno.readFile(`${folder}/copy/${digest.slice(7)}`)), digest);
      }
    }),
});

Deno.test({
  ignore: skopeo.ignore || oracles.ignore,
  name: "what skopeo copies, zstd and tar make the identical tree of",
  fn: () =>
    inStore(async ({ store, tree, folder }) => {
      plantTree(tree);
      const version = await packFolder(tree, store);
      await writeIndex(`${folder}/store`, [version]);
      await run("skopeo", ["--insecure-policy", "copy", `oci:${folder}/store`, `dir:${folder}/copy`]);
      const layers = version.manifest.layers.map(({ digest }) =>
        Deno.readFileSync(`${folder}/copy/${digest.slice(7)}`)
      );
      await untar(new Uint8Array(Buffer.concat(layers)), `${folder}/out`);
      deepEqual(await readTree(`${folder}/out`), version.entries);
    }),
});

Deno.test({
  ...oracles,
  name: "a config's diff_ids are the digests of the layers' tars",
  fn: () =>
    inStore(async ({ store, tree }) => {
      plantTree(tree);
      const { manifest } = await packFolder(tree, store);
      const config = JSON.parse(text(store.blobs.read(manifest.config.digest)));
      deepEqual(
        config.rootfs.diff_ids,
        manifest.layers.map((layer) => digestOf(tarOf(store, layer))),
      );
    }),
});

Deno.test("every annotation and every field of the footer tells where the table and the tar-split data are", () =>
  inStore(async ({ store, tree }) => {
    plantTree(tree);
    const { manifest } = await packFolder(tree, store);
    for (const layer of manifest.layers) {
      const { digest, size, table, tarSplit, tableDigest } = layer;
      const footer = store.blobs.read(digest, { offset: size - 64, length: 64 });
      const view = new DataView(footer.buffer);
      const numbers = Array.from({ length: 7 }, (_, i) => Number(view.getBigUint64(8 * i, true)));
      deepEqual(numbers, [...triple(table), 1, ...triple(tarSplit!)]);
      equal(text(footer.subarray(56)), "GNUlInUx");
      equal(digestOf(store.blobs.read(digest, table)), tableDigest);
      const raw = zstdDecompressSync(store.blobs.read(digest, table));
      equal(raw.length, table.rawLength);
      const split = store.blobs.read(digest, tarSplit!);
      equal(JSON.parse(text(raw)).tarSplitDigest, digestOf(split));
      equal(zstdDecompressSync(split).length, tarSplit!.rawLength);
      for (
        const [at, length] of [[table.offset, table.length], [tarSplit!.offset, tarSplit!.length], [
          size - 64,
          64,
        ]]
      ) {
        const header = new DataView(store.blobs.read(digest, { offset: at! - 8, length: 8 }).buffer);
        deepEqual([header.getUint32(0, true), header.getUint32(4, true)], [0x184d2a50, length]);
      }
    }
  }));

Deno.test({
  ...oracles,
  name: "the tar-split data and the files put the tar together again, to the byte",
  fn: () =>
    inStore(async ({ store, tree }) => {
      plantTree(tree);
      const { manifest } = await packFolder(tree, store);
      for (const layer of manifest.layers) {
        const lines = text(zstdDecompressSync(store.blobs.read(layer.digest, layer.tarSplit))).trimEnd()
          .split(
            "\n",
          );
        const parts = lines.map((line, index) => {
          const { type, name, size, payload, position } = JSON.parse(line);
          equal(position, index);
          if (type === 2) return Buffer.from(payload, "base64");
          equal(payload === null, size === undefined);
          return size === undefined ? Buffer.alloc(0) : Deno.readFileSync(`${tree}/${name}`);
        });
        equal(digestOf(Buffer.concat(parts)), digestOf(tarOf(store, layer)));
      }
    }),
});

Deno.test("a layout that was written is read the same", () =>
  inFolder(async (folder) => {
    const manifests = [
      { digest: digestOf(new Uint8Array()), size: 10, tag: "latest" },
      { digest: digestOf(new Uint8Array(1)), size: 20 },
    ];
    await writeIndex(folder, manifests);
    deepEqual(await readIndex(folder), manifests);
    deepEqual(JSON.parse(await Deno.readTextFile(`${folder}/oci-layout`)), { imageLayoutVersion: "1.0.0" });
  }));

function triple({ offset, length, rawLength }: Position): number[] {
  return [offset, length, rawLength];
}

/** A layer's tar: every frame of it decompressed. */
function tarOf(store: LayerStore, layer: Layer): Uint8Array {
  const { stdout } = new Deno.Command("zstd", {
    args: ["-d", "-c", "-q", store.blobs.path(layer.digest)],
    stdout: "piped",
  }).outputSync();
  return stdout;
}
