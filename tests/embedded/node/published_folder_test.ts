import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { PublishedFolder } from "../../../lib/embedded/node/published_folder.ts";
import type { VolumeFiles } from "../../../lib/embedded/node/volume_files.ts";

function files(contents: Record<string, string>, mode: number = 0o644): VolumeFiles {
  return new Map(
    Object.entries(contents).map(([path, text]) => [path, { content: new TextEncoder().encode(text), mode }]),
  );
}

async function inFolder(body: (folder: PublishedFolder) => void): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    body(new PublishedFolder(path));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function names(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => !name.startsWith("..")).sort();
}

function data({ path }: PublishedFolder): string {
  return Deno.readLinkSync(join(path, "..data"));
}

Deno.test("files are where the kubelet has them: links by way of ..data", () =>
  inFolder((folder) => {
    folder.publish(files({ labels: "a", "deep/er/x": "b" }, 0o640));
    deepEqual(names(folder.path), ["deep", "labels"]);
    equal(Deno.readLinkSync(join(folder.path, "labels")), "..data/labels");
    equal(Deno.readTextFileSync(join(folder.path, "deep", "er", "x")), "b");
    equal(Deno.statSync(join(folder.path, "labels")).mode! & 0o777, 0o640);
  }));

Deno.test("a change comes with a new folder, and the old one goes", () =>
  inFolder((folder) => {
    folder.publish(files({ labels: "a", gone: "x" }));
    const before = data(folder);
    folder.publish(files({ labels: "b", came: "y" }));
    notEqual(data(folder), before);
    deepEqual(names(folder.path), ["came", "labels"]);
    equal(Deno.readTextFileSync(join(folder.path, "labels")), "b");
    throws(() => Deno.statSync(join(folder.path, before)), Deno.errors.NotFound);
  }));

Deno.test("where nothing has changed nothing is written", () =>
  inFolder((folder) => {
    folder.publish(files({ labels: "a" }));
    const before = data(folder);
    folder.publish(files({ labels: "a" }));
    equal(data(folder), before);
  }));

Deno.test("whoever has the old file open reads it to its end", () =>
  inFolder((folder) => {
    folder.publish(files({ labels: "old" }));
    using file = Deno.openSync(join(folder.path, "labels"));
    folder.publish(files({ labels: "new" }));
    const bytes = new Uint8Array(3);
    file.readSync(bytes);
    equal(new TextDecoder().decode(bytes), "old");
  }));

Deno.test("a path does not lead out of the folder", () =>
  inFolder((folder) => {
    for (const path of ["../x", "a/../x", "/x", "..data", "a//b", ""]) {
      throws(() => folder.publish(files({ [path]: "x" })), /must be a relative path without '\.\.'/);
    }
  }));

/** All that is there, hidden or not. */
function everything({ path }: PublishedFolder): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

Deno.test("files that cannot be written leave nothing behind, and the old ones stay", () =>
  inFolder((folder) => {
    folder.publish(files({ labels: "a" }));
    const before = everything(folder);
    throws(() => folder.publish(files({ labels: "b", "labels/x": "c" })));
    deepEqual(everything(folder), before);
    equal(Deno.readTextFileSync(join(folder.path, "labels")), "a");
  }));

Deno.test("a swap that fails leaves nothing behind, and the next one succeeds", () =>
  inFolder((folder) => {
    Deno.mkdirSync(join(folder.path, "..data"));
    throws(() => folder.publish(files({ labels: "a" })));
    deepEqual(everything(folder), ["..data"]);
    Deno.removeSync(join(folder.path, "..data"));
    folder.publish(files({ labels: "a" }));
    equal(Deno.readTextFileSync(join(folder.path, "labels")), "a");
  }));

Deno.test("a link that an attempt before has left is no obstacle", () =>
  inFolder((folder) => {
    Deno.symlinkSync("..gone", join(folder.path, "..data_tmp"));
    folder.publish(files({ labels: "a" }));
    deepEqual(everything(folder), [data(folder), "..data", "labels"].sort());
  }));

Deno.test("a name that could not be linked is linked by the next attempt", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder.path, "labels"), "in the way");
    throws(() => folder.publish(files({ labels: "a" })), Deno.errors.AlreadyExists);
    Deno.removeSync(join(folder.path, "labels"));
    folder.publish(files({ labels: "a" }));
    deepEqual(everything(folder), [data(folder), "..data", "labels"].sort());
    equal(Deno.readTextFileSync(join(folder.path, "labels")), "a");
  }));
