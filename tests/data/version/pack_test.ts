import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { contentIdOf } from "../../../lib/data/version/content_id.ts";
import { LayerStore } from "../../../lib/data/version/layer_store.ts";
import { type FileStamp, StatMemo } from "../../../lib/data/version/memo.ts";
import { packFolder } from "../../../lib/data/version/pack.ts";
import { parseManifest } from "../../../lib/data/version/parse_manifest.ts";
import { until } from "../../cluster/support/wait.ts";
import { countIn, entriesOf, inFolder, inStore, packed, plant, type Planted, readTree } from "./support.ts";

const small: Readonly<Record<string, Planted>> = {
  "readme": "hello",
  "bin/tool": { program: "#!/bin/sh\n" },
  "bin/same": { link: "tool" },
  "empty": "",
  "hollow/": "",
  "deep/er/hollow/": "",
  "é/ü": "umlauts",
  "large": new Uint8Array(2_500_000).map((_, i) => i % 253),
};

/** A tree of several layers. */
function plantMany(tree: string, count: number): void {
  for (let i = 0; i < count; i++) plant(tree, { [`folder${i % 10}/file${i}`]: `content ${i} `.repeat(20) });
}

/** A memo takes a file only once it has been left alone for a second, so that it cannot change unseen. */
function settled(tree: string): Promise<true> {
  const newest = Math.max(
    ...[...Deno.readDirSync(tree)].map(({ name }) => Deno.lstatSync(`${tree}/${name}`).ctime!.getTime()),
  );
  return until("the files are old enough", () => Date.now() > newest + 2200);
}

Deno.test("a packed version tells of just what the folder holds", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, small);
    const version = await packFolder(tree, store);
    deepEqual(entriesOf(store, version.manifest), await readTree(tree));
    deepEqual(version.entries, await readTree(tree));
    equal(version.version, contentIdOf(await readTree(tree)));
    deepEqual(parseManifest(store.blobs.read(version.digest)), version.manifest);
    equal(store.blobs.size(version.digest), version.size);
  }));

Deno.test("the same tree written in two orders, at two times, to two stores, is one version to the byte", () =>
  inFolder(async (folder) => {
    plant(`${folder}/one`, small);
    plant(`${folder}/two`, Object.fromEntries(Object.entries(small).reverse()));
    await Deno.utime(`${folder}/two/readme`, 1, 1);
    await Deno.chmod(`${folder}/two/readme`, 0o600);
    const [one, two] = [await packed(`${folder}/one`), await packed(`${folder}/two`)];
    equal(one.digest, two.digest);
    equal(one.version, two.version);
  }));

Deno.test("an empty folder is a version of no entries", () =>
  inStore(async ({ store, tree }) => {
    const version = await packFolder(tree, store);
    equal(version.manifest.layers.length, 1);
    deepEqual(entriesOf(store, version.manifest), []);
  }));

Deno.test("hardlinks are packed as the files that they are", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, { "a": "both", "b": "" });
    await Deno.remove(`${tree}/b`);
    await Deno.link(`${tree}/a`, `${tree}/b`);
    const version = await packFolder(tree, store);
    deepEqual(entriesOf(store, version.manifest).map(({ kind, path }) => `${kind} ${path}`), [
      "file a",
      "file b",
    ]);
  }));

Deno.test("every part of a tree is part of its identity", () =>
  inFolder(async (folder) => {
    const tree = `${folder}/tree`;
    plant(tree, { "a": "1", "b": { link: "a" } });
    const identities = [(await packed(tree)).version];
    const changes = [
      () => Deno.writeTextFile(`${tree}/a`, "2"),
      () => Deno.chmod(`${tree}/a`, 0o755),
      () => Deno.rename(`${tree}/a`, `${tree}/c`),
      () => Deno.mkdir(`${tree}/d`),
      () => Deno.remove(`${tree}/b`),
    ];
    for (const change of changes) {
      await change();
      identities.push((await packed(tree)).version);
    }
    equal(new Set(identities).size, changes.length + 1);
  }));

Deno.test("names at the root that are to be skipped are no part of a version", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, { ".git/config": "x", "a/.git/config": "y" });
    const version = await packFolder(tree, store, { skip: [".git"] });
    deepEqual(version.entries.map(({ path }) => path), ["a/.git/config"]);
  }));

Deno.test("a one-file change reads one file and packs one layer, as packing all of it would", () =>
  inStore(async ({ store, tree }) => {
    plantMany(tree, 3000);
    await settled(tree);
    const memo = new StatMemo();
    const before = await packFolder(tree, store, { memo });
    deepEqual(before.work, { filesRead: 3000, layersPacked: before.manifest.layers.length });
    plant(tree, { "folder3/file33": "changed" });
    const after = await packFolder(tree, store, { memo, previous: before.manifest });
    deepEqual(after.work, { filesRead: 1, layersPacked: 1 });
    equal(after.digest, (await packed(tree)).digest);
    const digests = new Set(before.manifest.layers.map(({ digest }) => digest));
    equal(after.manifest.layers.filter(({ digest }) => !digests.has(digest)).length, 1);
  }));

Deno.test("a version that was packed before is found again, by another process too, without packing", () =>
  inFolder(async (folder) => {
    const tree = `${folder}/tree`;
    plantMany(tree, 1500);
    let digest: string;
    {
      using store = await LayerStore.open(`${folder}/store`);
      digest = (await packFolder(tree, store)).digest;
      plant(tree, { "folder1/file1": "changed" });
      await packFolder(tree, store);
    }
    plant(tree, { "folder1/file1": "content 1 ".repeat(20) });
    using reopened = await LayerStore.open(`${folder}/store`);
    const again = await packFolder(tree, reopened);
    deepEqual([again.digest, again.work.layersPacked], [digest, 0]);
  }));

Deno.test("a layer whose blob is gone is packed again, and forgotten by pruning", () =>
  inStore(async ({ store, tree, folder }) => {
    plant(tree, small);
    const first = await packFolder(tree, store);
    store.blobs.delete(first.manifest.layers[0]!.digest);
    const again = await packFolder(tree, store, { previous: first.manifest });
    deepEqual([again.digest, again.work.layersPacked], [first.digest, 1]);
    await store.prune();
    equal(countIn(`${folder}/store/.layers`), 1);
    store.blobs.delete(first.manifest.layers[0]!.digest);
    await store.prune();
    equal(countIn(`${folder}/store/.layers`), 0);
  }));

Deno.test("a note of a layer that is damaged is written anew", () =>
  inStore(async ({ store, tree, folder }) => {
    plant(tree, small);
    const first = await packFolder(tree, store);
    const notes = `${folder}/store/.layers`;
    for await (const { name } of Deno.readDir(notes)) {
      await Deno.writeTextFile(`${notes}/${name}`, '{"digest":');
    }
    deepEqual((await packFolder(tree, store)).work.layersPacked, 1);
    equal((await packFolder(tree, store)).digest, first.digest);
  }));

Deno.test("a layer that was packed under another name is named as it would be by a new store", () =>
  inStore(async ({ store, tree, folder }) => {
    plant(tree, small);
    const first = await packFolder(tree, store);
    for await (const { name } of Deno.readDir(`${folder}/store/.layers`)) {
      const note = `${folder}/store/.layers/${name}`;
      await Deno.writeTextFile(note, (await Deno.readTextFile(note)).replace("layer.tar", "layer-01.tar"));
    }
    const again = await packFolder(tree, store);
    deepEqual([again.digest, again.work.layersPacked], [first.digest, 0]);
  }));

Deno.test("frames of the version before that are damaged are packed from the folder", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, small);
    const first = await packFolder(tree, store);
    const path = store.blobs.path(first.manifest.layers[0]!.digest);
    const blob = await Deno.readFile(path);
    // The content's frames, not the table at the end: the end of "large" and all that comes after.
    blob.fill(0, blob.length >> 1, first.manifest.layers[0]!.table.offset - 8);
    await Deno.writeFile(path, blob);
    plant(tree, { "readme": "changed" });
    const again = await packFolder(tree, store, { previous: first.manifest });
    equal(again.digest, (await packed(tree)).digest);
  }));

/** Does something to the folder when the packing first asks for a file. */
class Meddling extends StatMemo {
  readonly #meddle: (path: string) => void;

  constructor(meddle: (path: string) => void) {
    super();
    this.#meddle = meddle;
  }

  override recall(path: string, stamp: FileStamp) {
    this.#meddle(path);
    return super.recall(path, stamp);
  }
}

Deno.test("a folder that changes while it is packed is packed as it is afterwards", () =>
  inStore(async ({ store, tree }) => {
    const meddles: ((tree: string) => void)[] = [
      (tree) => plant(tree, { "a": "longer than before" }),
      (tree) => Deno.removeSync(`${tree}/a`),
      (tree) => plant(tree, { "c": "new" }),
      (tree) => Deno.chmodSync(`${tree}/a`, 0o755),
      (tree) => {
        Deno.removeSync(`${tree}/a`);
        Deno.symlinkSync("b", `${tree}/a`);
      },
    ];
    for (const [index, meddle] of meddles.entries()) {
      const at = `${tree}/${index}`;
      plant(at, { "a": "1", "b": "2" });
      let meddled = false;
      const memo = new Meddling((path) => {
        if (path !== "b" || meddled) return;
        meddled = true;
        meddle(at);
      });
      const version = await packFolder(at, store, { memo });
      ok(meddled);
      deepEqual(version.entries, await readTree(at), `${index}`);
    }
  }));

Deno.test("a folder that never stops changing is refused, and what changes is named", () =>
  inStore(async ({ store, tree, folder }) => {
    plant(tree, { "a": "1", "busy": "2" });
    let size = 0;
    const memo = new Meddling(() => Deno.writeTextFileSync(`${tree}/busy`, "x".repeat(++size)));
    await rejects(
      packFolder(tree, store, { memo }),
      /Cannot pack .*: it changed in each of 3 attempts: entry "busy" changed meanwhile/,
    );
    equal(countIn(`${folder}/store/.writing`), 0);
  }));

Deno.test("content that changes under the same stamp is noticed before a layer tells a wrong digest", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, { "a": "1".repeat(100) });
    const wrong = new StatMemo();
    const info = await Deno.lstat(`${tree}/a`);
    const stamp = { size: 100, mtime: info.mtime!.getTime(), ctime: info.ctime!.getTime(), ino: info.ino! };
    wrong.note("a", stamp, `sha256:${"0".repeat(64)}` as never, Date.now() + 10_000);
    await rejects(packFolder(tree, store, { memo: wrong }), /entry "a" changed meanwhile/);
  }));

Deno.test("packing ends when it is asked to, and leaves nothing unfinished", () =>
  inStore(async ({ store, tree, folder }) => {
    plant(tree, { "large": new Uint8Array(30_000_000).map((_, i) => i * i) });
    const control = new AbortController();
    const packing = packFolder(tree, store, { signal: control.signal });
    setTimeout(() => control.abort(new Error("asked to end")), 20);
    await rejects(packing, /asked to end/);
    equal(countIn(`${folder}/store/.writing`), 0);
  }));

Deno.test("others have their turn while a large folder is packed", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, { "large": new Uint8Array(30_000_000).map((_, i) => i * i) });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await packFolder(tree, store);
    clearInterval(timer);
    ok(turns >= 10, `${turns} turns`);
  }));

Deno.test("a memo does not take a file that changed within the last second", () => {
  const memo = new StatMemo();
  const stamp = { size: 1, mtime: 5000, ctime: 5000, ino: 1 };
  memo.note("a", stamp, "digest" as never, 6000);
  equal(memo.recall("a", stamp), undefined);
  memo.note("a", stamp, "digest" as never, 6100);
  equal(memo.recall("a", stamp), "digest");
  for (const change of [{ size: 2 }, { mtime: 1 }, { ctime: 1 }, { ino: 2 }]) {
    equal(memo.recall("a", { ...stamp, ...change }), undefined);
  }
  memo.keepOnly(new Set(["b"]));
  equal(memo.recall("a", stamp), undefined);
});
