/**
 * How large a data version may be. What is packed and what is read is held to the same limits.
 *
 * @module
 */

/** The most that a version may have of each. */
export interface Limits {
  /** Files, links and empty folders. */
  readonly entries: number;
  /** Bytes of all files together. */
  readonly totalBytes: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Names in a path. */
  readonly depth: number;
  /** UTF-8 bytes of a path, or of a link's target. */
  readonly pathBytes: number;
  /** UTF-8 bytes of one name. */
  readonly nameBytes: number;
}

/**
 * Limits that hold where nothing else is said. A path leaves room, of Linux' 4,096 bytes, for the folder that the
 * tree is put into.
 */
export const defaultLimits: Limits = {
  entries: 1_000_000,
  totalBytes: 64 * 2 ** 30,
  fileBytes: 16 * 2 ** 30,
  depth: 128,
  pathBytes: 3072,
  nameBytes: 255,
};

/** Bytes of a file that go into one frame. */
export const chunkBytes = 1 << 20;

/** Most bytes that a frame of {@link chunkBytes} may take: what zstd cannot compress grows a little. */
export const maxFrameBytes = chunkBytes + (chunkBytes >> 6);

/** Most layers of a version. podman's overlay takes 128 and fails at 251. */
export const maxLayers = 128;

/** Most bytes of a manifest: registries take no more. */
export const maxManifestBytes = 4 << 20;

/** Most bytes of a layer's table of contents, as it is stored. */
export const maxTableBytes = 16 << 20;

/** Most bytes of a layer's table of contents once decompressed. */
export const maxTableRawBytes = 64 << 20;
