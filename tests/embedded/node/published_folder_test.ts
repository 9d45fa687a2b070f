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
