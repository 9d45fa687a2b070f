/**
 * `autocrane data pack` and `unpack`: versions in OCI image layouts, as any registry tool takes them.
 *
 * @module
 */
import { unpackLayout } from "../../lib/data/fetch/unpack.ts";
import { writeIndex } from "../../lib/data/version/layout.ts";
import { LayerStore } from "../../lib/data/version/layer_store.ts";
import { packFolder } from "../../lib/data/version/pack.ts";
import { writeErr, writeOut } from "../../lib/runtime/output.ts";

/** A version's two forms, and what ends the work early. */
export interface LayoutOptions {
  readonly folder: string;
  readonly layout: string;
  readonly signal: AbortSignal;
}

/** Packs a folder into a layout, whose one version it is then, and prints its manifest's digest. */
export async function pack({ folder, layout, signal }: LayoutOptions): Promise<void> {
  using store = await LayerStore.open(layout);
  const { digest, size, version, entries, manifest } = await packFolder(folder, store, { signal });
  await writeIndex(layout, [{ digest, size, tag: "latest" }]);
  writeErr(`Packed ${entries.length} entries in ${manifest.layers.length} layers: content ${version}.\n`);
  writeOut(`${digest}\n`);
}

/** Unpacks the version of a layout into a new folder. */
export async function unpack({ folder, layout, signal }: LayoutOptions): Promise<void> {
  const { digest, entries } = await unpackLayout(layout, folder, signal);
  writeErr(`Unpacked ${entries} entries.\n`);
  writeOut(`${digest}\n`);
}
