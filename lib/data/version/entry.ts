/**
 * What a data version is made of, and in which order.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";

/** A regular file. Of its mode only the executable bit is kept. */
export interface FileEntry {
  readonly kind: "file";
  /** From the tree's root, with `/` between names: no slash at either end. */
  readonly path: string;
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
  /** Of the whole content. */
  readonly digest: Digest;
}

/** A symbolic link, whose target stays in the tree. */
export interface LinkEntry {
  readonly kind: "link";
  readonly path: string;
  /** As it is written in the link. */
  readonly target: string;
}

/** A folder with nothing in it: one that holds something is implied by what it holds. */
export interface FolderEntry {
  readonly kind: "folder";
  readonly path: string;
}

/** One thing in a tree. */
export type Entry = FileEntry | LinkEntry | FolderEntry;

/** A piece of a file: one zstd frame of a layer's blob. */
export interface Chunk {
  /** Where its frame begins in the layer's blob, bytes. */
  readonly offset: number;
  /** The frame's length, bytes. */
  readonly length: number;
  /** Where the piece begins in the file, bytes. */
  readonly start: number;
  /** The piece's own length, bytes: what the frame decompresses to. */
  readonly size: number;
  /** Of the piece itself, not of its frame. */
  readonly digest: Digest;
}

/** A file and where its content is in a layer: pieces in order without gaps; none for an empty file. */
export interface StoredFile extends FileEntry {
  readonly chunks: readonly Chunk[];
}

/** What a layer's table of contents lists. */
export type StoredEntry = StoredFile | LinkEntry | FolderEntry;

/** What of an entry can be told without reading it. */
export type EntryShape = Pick<FileEntry, "kind" | "path" | "size"> | LinkEntry | FolderEntry;
