/**
 * A version's OCI image manifest: which layers it has, and the identity of its content
 * (https://github.com/opencontainers/image-spec/blob/main/manifest.md).
 *
 * @module
 */
import type { ContentId, Digest } from "../../contract/ids.ts";
import { key } from "../../contract/keys.ts";

/** Where something lies in a layer's blob, bytes; `rawLength` once decompressed. */
export interface Position {
  readonly offset: number;
  readonly length: number;
  readonly rawLength: number;
}

/** One layer: a blob of zstd frames with a table of contents at its end. */
export interface Layer {
  /** Of the blob. */
  readonly digest: Digest;
  /** Bytes of the blob. */
  readonly size: number;
  /** The layer's name, which tells its bucket. */
  readonly title: string;
  /** Where the compressed table of contents is. */
  readonly table: Position;
  /** Of the compressed table of contents. */
  readonly tableDigest: Digest;
  /** Where the compressed tar-split data is, where there is any. */
  readonly tarSplit?: Position;
}

/** A version as its manifest tells it. */
export interface Manifest {
  readonly version: ContentId;
  readonly config: { readonly digest: Digest; readonly size: number };
  /** In the order of their buckets. */
  readonly layers: readonly Layer[];
}

/** What the parts of a version are called. */
export const mediaType = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** Annotations of layers and manifests; zstd:chunked's are those of containers/storage. */
export const annotation = {
  content: key.content,
  title: "org.opencontainers.image.title",
  tableDigest: "io.github.containers.zstd-chunked.manifest-checksum",
  tablePosition: "io.github.containers.zstd-chunked.manifest-position",
  tarSplitPosition: "io.github.containers.zstd-chunked.tarsplit-position",
} as const;

/** The kind of table that a table's position ends in. */
export const tableKind = 1;

/** Writes a manifest as JSON; the same manifest always gives the same bytes. */
export function formatManifest({ version, config, layers }: Manifest): Uint8Array {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: { mediaType: mediaType.config, digest: config.digest, size: config.size },
    layers: layers.map(descriptorOf),
    annotations: { [annotation.content]: version },
  };
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/** A layer as a manifest lists it. */
export function descriptorOf(layer: Layer): Readonly<Record<string, unknown>> {
  return {
    mediaType: mediaType.layer,
    digest: layer.digest,
    size: layer.size,
    annotations: {
      [annotation.tableDigest]: layer.tableDigest,
      [annotation.tablePosition]: `${positionText(layer.table)}:${tableKind}`,
      ...(layer.tarSplit && { [annotation.tarSplitPosition]: positionText(layer.tarSplit) }),
      [annotation.title]: layer.title,
    },
  };
}

function positionText({ offset, length, rawLength }: Position): string {
  return `${offset}:${length}:${rawLength}`;
}

/** Writes a version's config. Container engines need the digests of the layers' tars, in order, and a platform. */
export function formatConfig(diffIds: readonly Digest[]): Uint8Array {
  const config = {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: diffIds },
  };
  return new TextEncoder().encode(JSON.stringify(config));
}
