/**
 * `autocrane data pack` and `unpack`: versions in OCI image layouts, as any registry tool takes them.
 *
 * @module
 */
import { basename, join } from "node:path";
import { unpackLayout } from "../../lib/data/fetch/unpack.ts";
import { publish } from "../../lib/data/publish.ts";
import { isWithin, placeOf } from "../../lib/data/place.ts";
import { LayerStore } from "../../lib/data/version/layer_store.ts";
import { writeIndex } from "../../lib/data/version/layout.ts";
import { type PackedVersion, packFolder } from "../../lib/data/version/pack.ts";
import { exitCode, Failure, messageOf, WrongUse } from "../../lib/runtime/failure.ts";
import { writeErr, writeOut } from "../../lib/runtime/output.ts";

/** A version's two forms, and what ends the work early. */
export interface LayoutOptions {
  readonly folder: string;
  readonly layout: string;
  readonly signal: AbortSignal;
}

/**
 * Packs a folder into a layout, whose one version it is then, and prints its manifest's digest. Where that fails the
 * layout is as it was before, or not there.
 */
export async function pack(options: LayoutOptions): Promise<void> {
  await checkFolder(options);
  const isThere = await isLayout(options.layout);
  const { digest, version, entries, manifest } = await unlessUnwritable(
    options,
    () => isThere ? packInto(options) : packAnew(options),
  );
  const layers = counted(manifest.layers.length, "layer", "layers");
  writeErr(`Packed ${counted(entries.length, "entry", "entries")} in ${layers}: content ${version}.\n`);
  writeOut(`${digest}\n`);
}

async function checkFolder({ folder, layout }: LayoutOptions): Promise<void> {
  const found = await Deno.stat(folder).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cannot("read", folder, cause);
    throw new Failure(
      `Cannot pack "${folder}": there is no such folder. Name the one that holds the data.`,
      exitCode.notFound,
      { cause },
    );
  });
  if (!found.isDirectory) {
    throw new WrongUse(`Cannot pack "${folder}": it is no folder. Name the one that holds the data.`);
  }
  const to = await placeOf(layout).catch((cause) => {
    throw cannot("write the layout", layout, cause);
  });
  if (!isWithin(to, await placeOf(folder))) return;
  throw new WrongUse(
    `Cannot pack "${folder}" into "${layout}": the layout lies in the folder, and would be part of the version. ` +
      "Name a layout outside of it.",
  );
}

/** Whether a layout is there; an empty folder is as good as none. */
async function isLayout(layout: string): Promise<boolean> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(layout)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw cannot("write the layout", layout, error);
  }
  if (names.length === 0 || names.includes("index.json")) return names.length > 0;
  throw new Failure(
    `Cannot write the layout "${layout}": a folder with other things in it is there. Name a new folder.`,
    exitCode.couldNot,
  );
}

/** Packs into a layout that is there. */
async function packInto({ folder, layout, signal }: LayoutOptions): Promise<PackedVersion> {
  using store = await LayerStore.open(layout);
  const before = new Set(store.blobs.list().map(({ digest }) => digest));
  try {
    const packed = await packFolder(folder, store, { signal });
    await writeIndex(layout, [{ digest: packed.digest, size: packed.size, tag: "latest" }]);
    return packed;
  } catch (error) {
    for (const { digest } of store.blobs.list()) if (!before.has(digest)) store.blobs.delete(digest);
    await store.prune();
    throw error;
  }
}

/** Packs into a new folder, which appears whole or not at all. */
async function packAnew(options: LayoutOptions): Promise<PackedVersion> {
  const { path, root, missing } = await placeOf(options.layout);
  const temporary = join(root, `.${basename(path)}.partial-${crypto.randomUUID()}`);
  try {
    const packed = await packInto({ ...options, layout: temporary });
    if (missing.length > 1) await Deno.mkdir(join(path, ".."), { recursive: true });
    await publish(temporary, path);
    return packed;
  } finally {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
  }
}

async function unlessUnwritable<T>({ layout, signal }: LayoutOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Failure || signal.aborted ? error : cannot("write the layout", layout, error);
  }
}

function cannot(what: string, path: string, cause: unknown): Failure {
  return new Failure(`Cannot ${what} "${path}": ${messageOf(cause)}`, exitCode.couldNot, { cause });
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Unpacks the version of a layout into a new folder. */
export async function unpack({ folder, layout, signal }: LayoutOptions): Promise<void> {
  const { digest, entries } = await unpackLayout(layout, folder, signal);
  writeErr(`Unpacked ${counted(entries, "entry", "entries")}.\n`);
  writeOut(`${digest}\n`);
}
