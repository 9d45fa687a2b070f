/**
 * Folders to pack, and the programs that are asked whether a version is what it should be.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Digest } from "../../../lib/contract/ids.ts";
import type { Entry } from "../../../lib/data/version/entry.ts";
import { legacyArchive } from "../../../lib/data/version/legacy.ts";
import { LayerStore } from "../../../lib/data/version/layer_store.ts";
import { defaultLimits } from "../../../lib/data/version/limits.ts";
import type { Layer, Manifest } from "../../../lib/data/version/manifest.ts";
import { type PackedVersion, packFolder, type PackOptions } from "../../../lib/data/version/pack.ts";
import { parseTable } from "../../../lib/data/version/parse_table.ts";
import { inOrder } from "../../../lib/data/version/path.ts";
import { walkFolder } from "../../../lib/data/version/walk.ts";
import { Slices } from "../../../lib/data/slices.ts";

/** What is at a path: a file's text or bytes, `{ link }`, `{ program }` (an executable file), or nothing for a folder (its path ends in `/`). */
export type Planted = string | Uint8Array | { readonly link: string } | { readonly program: string };

/** Runs `work` with a folder of its own, which is gone afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "autocrane-version-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs `work` with a store and a folder to pack. */
export function inStore(
  work: (
    parts: { readonly store: LayerStore; readonly tree: string; readonly folder: string },
  ) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    using store = await LayerStore.open(`${folder}/store`);
    await Deno.mkdir(`${folder}/tree`);
    await work({ store, tree: `${folder}/tree`, folder });
  });
}

/** Puts things into a folder, in the order in which they stand. A path that ends in `/` is an empty folder. */
export function plant(folder: string, things: Readonly<Record<string, Planted>>): void {
  for (const [path, thing] of Object.entries(things)) plantOne(`${folder}/${path}`, thing);
}

function plantOne(at: string, thing: Planted): void {
  if (at.endsWith("/")) return Deno.mkdirSync(at, { recursive: true });
  Deno.mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
  if (thing instanceof Uint8Array) Deno.writeFileSync(at, thing);
  else if (typeof thing === "string") Deno.writeTextFileSync(at, thing);
  else if ("link" in thing) Deno.symlinkSync(thing.link, at);
  else {
    Deno.writeTextFileSync(at, thing.program);
    Deno.chmodSync(at, 0o755);
  }
}

/** Packs a folder into a store of its own and tells what the version is. */
export async function packed(tree: string, options?: PackOptions): Promise<PackedVersion> {
  let version: PackedVersion | undefined;
  await inFolder(async (folder) => {
    using store = await LayerStore.open(folder);
    version = await packFolder(tree, store, options);
  });
  return version!;
}

/** All entries of a version, as its tables tell. */
export function entriesOf(store: LayerStore, manifest: Manifest): Entry[] {
  return inOrder(manifest.layers.flatMap((layer) => tableOf(store, layer)));
}

/** The entries of one layer, without the places of their content. */
export function tableOf(store: LayerStore, layer: Layer): Entry[] {
  return parseTable(store.blobs.read(layer.digest, layer.table), layer, defaultLimits).map((entry) => {
    if (entry.kind !== "file") return entry;
    const { chunks: _, ...file } = entry;
    return file;
  });
}

/** What a folder holds, read by the plainest means. */
export async function readTree(folder: string): Promise<Entry[]> {
  const found = await walkFolder(folder, { limits: defaultLimits, skip: [], slices: new Slices() });
  return found.map((one): Entry => {
    if (one.kind !== "file") return one;
    const { path, executable, size } = one;
    return { kind: "file", path, executable, size, digest: digestOfFile(`${folder}/${path}`) };
  });
}

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** The digest of a file. */
export function digestOfFile(path: string): Digest {
  return digestOf(Deno.readFileSync(path));
}

/** The archive of the older route, all of it. */
export function archiveOf(store: LayerStore, layers: readonly Layer[]): Uint8Array {
  const parts = legacyArchive(layers).map((part) =>
    "bytes" in part ? part.bytes : store.blobs.read(part.digest, part)
  );
  return new Uint8Array(Buffer.concat(parts));
}

/** How many things a store's folder of this name holds. */
export function countIn(folder: string): number {
  return [...Deno.readDirSync(folder)].length;
}

/** Whether a program is on this machine. */
export function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Runs a program to its end, with `input` as its standard input; returns what it wrote. */
export async function run(program: string, args: readonly string[], input?: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: input ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const fed = input && new Blob([input as BlobPart]).stream().pipeTo(child.stdin);
  const { success, stdout, stderr } = await child.output();
  await fed?.catch(() => {});
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

/** Decompresses with zstd and unpacks with tar: two programs that know nothing of this format. */
export async function untar(archive: Uint8Array, folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const tar = await run("zstd", ["-d", "-c", "-q"], archive);
  await run("tar", ["-x", "-p", "--ignore-zeros", "-C", folder], tar);
}
