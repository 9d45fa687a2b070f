/**
 * Reads the files of a folder that is packed: each once, where memory allows.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Digest } from "../../contract/ids.ts";
import type { StatMemo } from "./memo.ts";
import { readPieces } from "./read_pieces.ts";
import type { Slices } from "../slices.ts";
import type { FoundFile } from "./walk.ts";

/** Most bytes of files that are held from when their digest is told until their layer is packed. */
const heldBytes = 16 << 20;

/** Larger files are read a second time. */
const heldFileBytes = 256 << 10;

/** What tells the reader what to read and what need not be. */
export interface FolderReaderOptions {
  readonly folder: string;
  readonly memo: StatMemo;
  readonly slices: Slices;
}

/** A folder's files, which are to be what a walk found. */
export class FolderReader {
  /** How often a file was read. */
  filesRead = 0;
  readonly #folder: string;
  readonly #memo: StatMemo;
  readonly #slices: Slices;
  readonly #held = new Map<string, Uint8Array>();
  #heldBytes = 0;

  constructor({ folder, memo, slices }: FolderReaderOptions) {
    this.#folder = folder;
    this.#memo = memo;
    this.#slices = slices;
  }

  /**
   * Reads a file and notes its digest in the memo.
   *
   * @throws FolderChanged where the file is not the one that was found
   */
  async digestOf(found: FoundFile): Promise<Digest> {
    const readAt = Date.now();
    const hash = createHash("sha256");
    for (const piece of this.piecesOf(found)) {
      hash.update(piece);
      if (piece.length === found.size) this.#hold(found.path, piece);
      await this.#slices.next();
    }
    const digest = `sha256:${hash.digest("hex")}` as Digest;
    this.#memo.note(found.path, found.stamp, digest, readAt);
    return digest;
  }

  /**
   * A file's content from `start` on, in pieces. A piece is valid until the next is asked for.
   *
   * @throws FolderChanged where the file is not the one that was found
   */
  *piecesOf(found: FoundFile, start = 0): Generator<Uint8Array> {
    const held = start === 0 ? this.#held.get(found.path) : undefined;
    if (held) return yield held;
    if (start < found.size) this.filesRead++;
    yield* readPieces(this.#folder, found, start);
  }

  /** Lets go of what is held. */
  release(): void {
    this.#held.clear();
    this.#heldBytes = 0;
  }

  #hold(path: string, content: Uint8Array): void {
    if (content.length > heldFileBytes || this.#heldBytes + content.length > heldBytes) return;
    this.#held.set(path, content);
    this.#heldBytes += content.length;
  }
}
