/**
 * Reads what a version is made of, before any of its content: nothing of it is trusted until its digest is right.
 *
 * @module
 */
import type { ContentId, Digest } from "../../contract/ids.ts";
import { contentIdOf } from "../version/content_id.ts";
import type { StoredEntry } from "../version/entry.ts";
import { defaultLimits, type Limits } from "../version/limits.ts";
import type { Layer, Manifest } from "../version/manifest.ts";
import { parseManifest } from "../version/parse_manifest.ts";
import { parseTable } from "../version/parse_table.ts";
import { checkTree } from "../version/tree.ts";
import { type BlobSource, FetchFailure } from "./blob_source.ts";
import { expectDigest } from "./content.ts";
import { othersTurn } from "../slices.ts";
import { inParallel } from "./in_parallel.ts";

/** A layer and what is in it. */
export interface ReadLayer {
  readonly layer: Layer;
  readonly entries: readonly StoredEntry[];
}

/** A version of which all is known but its files' content. */
export interface ReadVersion {
  readonly manifest: Manifest;
  /** The manifest as it was read. */
  readonly bytes: Uint8Array;
  /** In the manifest's order. */
  readonly layers: readonly ReadLayer[];
}

/** Tables of contents that were read before. */
export interface Tables {
  /** What is in a layer, where that is known; it was checked. */
  entries(layer: Layer): readonly StoredEntry[] | undefined;
  /** Notes the compressed table of a layer, and what it says. */
  keep(layer: Layer, bytes: Uint8Array, entries: readonly StoredEntry[]): Promise<void>;
}

/** What is read, and from where. */
export interface ReadOptions {
  readonly source: BlobSource;
  readonly digest: Digest;
  /** The content that is expected, where that is known. */
  readonly version?: ContentId;
  readonly tables?: Tables;
  readonly limits?: Limits;
}

/** Tables that are read at once. */
const atOnce = 4;

/**
 * Reads a version's manifest, and the tables of those layers that are not known yet.
 *
 * @throws FetchFailure where the bytes are not those that were asked for
 * @throws BadVersion where they break the format or a limit
 */
export async function readVersion(options: ReadOptions, signal: AbortSignal): Promise<ReadVersion> {
  const { source, digest } = options;
  const bytes = await source.manifest(digest, signal);
  expectDigest(bytes, digest, () => `the manifest ${digest}`);
  const manifest = parseManifest(bytes);
  const layers: ReadLayer[] = [];
  await inParallel([...manifest.layers.entries()], { atOnce, signal }, async ([index, layer], signal) => {
    layers[index] = { layer, entries: await readLayer(layer, options, signal) };
  });
  await checkWhole(layers, manifest, options);
  return { manifest, bytes, layers };
}

async function readLayer(
  layer: Layer,
  { source, tables, limits = defaultLimits }: ReadOptions,
  signal: AbortSignal,
): Promise<readonly StoredEntry[]> {
  const known = tables?.entries(layer);
  if (known) return known;
  const bytes = await source.read(layer.digest, layer.table, signal);
  expectDigest(bytes, layer.tableDigest, () => `the table of contents of layer ${layer.digest}`);
  const entries = parseTable(bytes, layer, limits);
  await tables?.keep(layer, bytes, entries);
  return entries;
}

/** What no layer alone can tell: the tree as a whole, and its identity. */
async function checkWhole(
  layers: readonly ReadLayer[],
  { version }: Manifest,
  { version: expected = version, limits = defaultLimits }: ReadOptions,
): Promise<void> {
  const entries = layers.flatMap(({ entries }) => entries);
  checkTree(entries, limits);
  await othersTurn();
  const content = contentIdOf(entries);
  if (content !== version || content !== expected) {
    throw new FetchFailure("content", `The version's content is ${content}: ${expected} was asked for.`);
  }
}
