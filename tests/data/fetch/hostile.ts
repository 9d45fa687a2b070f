/**
 * Versions that no packer makes, whole in every digest.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import type { Digest } from "../../../lib/contract/ids.ts";
import type { Range } from "../../../lib/data/blobs/blob_reader.ts";
import { type BlobSource, FetchFailure } from "../../../lib/data/fetch/blob_source.ts";
import { layerTitle } from "../../../lib/data/version/bucket.ts";
import { contentIdOf } from "../../../lib/data/version/content_id.ts";
import type { StoredEntry } from "../../../lib/data/version/entry.ts";
import { formatManifest, type Layer } from "../../../lib/data/version/manifest.ts";
import { formatTable } from "../../../lib/data/version/table.ts";
import { compressFrame, endOfArchiveFrame, skippableHeaderBytes } from "../../../lib/data/version/zstd.ts";
import { digestOf } from "../version/support.ts";

/** What a crafted version says is in it. */
export type Crafted =
  | {
    readonly path: string;
    readonly content: string | Uint8Array;
    readonly frame?: Uint8Array;
    readonly size?: number;
  }
  | { readonly path: string; readonly target: string }
  | { readonly path: string };

/** Blobs in memory, as a registry would hand them out. */
export class MemorySource implements BlobSource {
  /** Where bytes were read, and how many. */
  readonly reads: Range[] = [];

  constructor(readonly blobs: ReadonlyMap<Digest, Uint8Array>) {}

  manifest(digest: Digest): Promise<Uint8Array> {
    const bytes = this.blobs.get(digest);
    return bytes
      ? Promise.resolve(bytes)
      : Promise.reject(new FetchFailure("repository", "no such manifest"));
  }

  read(digest: Digest, range: Range): Promise<Uint8Array> {
    const { offset, length } = range;
    const bytes = this.blobs.get(digest);
    if (!bytes || offset + length > bytes.length) {
      return Promise.reject(new FetchFailure("repository", "there is too little"));
    }
    this.reads.push(range);
    return Promise.resolve(bytes.slice(offset, offset + length));
  }
}

/** A version of layers that each list the given things; nothing of it is checked. */
export function craft(
  ...layers: readonly (readonly Crafted[])[]
): { version: DataVersion; source: MemorySource } {
  const blobs = new Map<Digest, Uint8Array>();
  const entries: StoredEntry[] = [];
  const listed = layers.map((things, index): Layer => {
    const layer = craftLayer(things, layerTitle(index.toString(2).padStart(8, "0")));
    blobs.set(layer.layer.digest, layer.blob);
    entries.push(...layer.entries);
    return layer.layer;
  });
  const manifest = formatManifest({
    version: contentIdOf(entries),
    config: { digest: digestOf(new Uint8Array(1)), size: 1 },
    layers: listed,
  });
  const digest = digestOf(manifest);
  blobs.set(digest, manifest);
  const version = {
    path: "1-abcdef0.tar",
    hash: "A".repeat(64),
    time: 1,
    digest,
    version: contentIdOf(entries),
  };
  return { version, source: new MemorySource(blobs) };
}

function craftLayer(
  things: readonly Crafted[],
  title: string,
): { layer: Layer; blob: Uint8Array; entries: StoredEntry[] } {
  const parts: Uint8Array[] = [new Uint8Array(10)];
  let offset = 10;
  const entries = things.map((thing): StoredEntry => {
    if ("target" in thing) return { kind: "link", ...thing };
    if (!("content" in thing)) return { kind: "folder", ...thing };
    const bytes = typeof thing.content === "string" ? new TextEncoder().encode(thing.content) : thing.content;
    const frame = thing.frame ?? compressFrame(bytes);
    const [digest, size] = [digestOf(bytes), thing.size ?? bytes.length];
    const chunk = { offset, length: frame.length, start: 0, size, digest };
    parts.push(frame);
    offset += frame.length;
    return { kind: "file", path: thing.path, executable: false, size, digest, chunks: [chunk] };
  });
  const raw = formatTable(entries, digestOf(new Uint8Array(0)));
  const table = compressFrame(raw);
  parts.push(endOfArchiveFrame, new Uint8Array(skippableHeaderBytes), table);
  offset += endOfArchiveFrame.length + skippableHeaderBytes;
  const blob = new Uint8Array(Buffer.concat(parts));
  return {
    blob,
    entries,
    layer: {
      digest: digestOf(blob),
      size: blob.length,
      title,
      table: { offset, length: table.length, rawLength: raw.length },
      tableDigest: digestOf(table),
    },
  };
}
