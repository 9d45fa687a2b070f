import { deepEqual, equal, rejects } from "node:assert/strict";
import { unpackLayout } from "../../../lib/data/fetch/unpack.ts";
import { writeIndex } from "../../../lib/data/version/layout.ts";
import { namesIn } from "../deploy/stage.ts";
import { inFolder, readTree } from "../version/support.ts";
import { type Made, Upstream } from "./upstream.ts";

const signal = new AbortController().signal;

function withLayout(work: (upstream: Upstream, versions: Made[]) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    using upstream = await Upstream.open(folder);
    const versions = [
      await upstream.make({ "a/b": "1", "run": { program: "x" }, "hollow/": "", "c": { link: "a/b" } }),
      await upstream.make({ "a/b": "2" }),
    ];
    const index = versions.map(({ digest }, at) => ({
      digest,
      size: upstream.read(digest)!.length,
      tag: `v${at}`,
    }));
    await writeIndex(upstream.layout, index);
    await work(upstream, versions);
  });
}

Deno.test("a version is unpacked by its tag or its digest, read-only", () =>
  withLayout(async (upstream, [first, second]) => {
    deepEqual(await unpackLayout(upstream.layout, `${upstream.folder}/out`, signal, "v0"), {
      digest: first!.digest,
      entries: 4,
    });
    deepEqual(await readTree(`${upstream.folder}/out`), await readTree(`${upstream.folder}/tree-1`));
    await unpackLayout(upstream.layout, `${upstream.folder}/other/`, signal, second!.digest);
    equal(await Deno.readTextFile(`${upstream.folder}/other/a/b`), "2");
    const modes = ["out/a/b", "out/run", "out/a", "out"].map((path) =>
      Deno.statSync(`${upstream.folder}/${path}`).mode! & 0o777
    );
    deepEqual(modes, [0o444, 0o555, 0o555, 0o555]);
  }));

Deno.test("a layout of several versions wants to know which, and tells what it has", () =>
  withLayout(async (upstream) => {
    await rejects(unpackLayout(upstream.layout, `${upstream.folder}/out`, signal), {
      message: /it has 2 versions\. It has: v0, v1\.$/,
      exitCode: 2,
    });
    await rejects(unpackLayout(upstream.layout, `${upstream.folder}/out`, signal, "v7"), { exitCode: 4 });
  }));

Deno.test("a folder that is there is left alone", () =>
  withLayout(async (upstream) => {
    const tree = `${upstream.folder}/tree-1`;
    await rejects(unpackLayout(upstream.layout, tree, signal, "v0"), /is there already\. Name a new folder/);
  }));

Deno.test("what is unpacked has the time of what a tar of it has: folders and links as well", () =>
  withLayout(async (upstream) => {
    await unpackLayout(upstream.layout, `${upstream.folder}/out`, signal, "v0");
    for (const path of ["", "/a", "/a/b", "/c", "/hollow", "/run"]) {
      equal((await Deno.lstat(`${upstream.folder}/out${path}`)).mtime?.getTime(), 0, path);
    }
  }));

Deno.test("a blob that was cut is told with the bytes that it has", () =>
  withLayout(async (upstream, [first]) => {
    const { digest, table } = first!.manifest.layers[0]!;
    const blob = `${upstream.layout}/blobs/${digest.replace(":", "/")}`;
    await Deno.chmod(blob, 0o644);
    await Deno.truncate(blob, 50);
    await rejects(unpackLayout(upstream.layout, `${upstream.folder}/out`, signal, "v0"), {
      fault: "digest",
      message: `Cannot read "${blob}": it has 50 bytes, ${table.offset + table.length} are needed. ` +
        "The layout is not whole: copy it again.",
    });
  }));

Deno.test("nothing is left of a version that cannot be unpacked", () =>
  withLayout(async (upstream, [first]) => {
    const layer = first!.manifest.layers[0]!.digest;
    const blob = `${upstream.layout}/blobs/${layer.replace(":", "/")}`;
    const bytes = await Deno.readFile(blob);
    await Deno.chmod(blob, 0o644);
    await Deno.writeFile(blob, bytes.fill(0, 0, first!.manifest.layers[0]!.table.offset - 20));
    await rejects(unpackLayout(upstream.layout, `${upstream.folder}/out`, signal, "v0"), {
      name: "FetchFailure",
    });
    deepEqual(namesIn(upstream.folder), [
      "layout",
      "tree-1",
      "tree-2",
    ]);
  }));
