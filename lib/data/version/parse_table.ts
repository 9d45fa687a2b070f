/**
 * Reads a layer's table of contents and trusts nothing in it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Digest } from "../../contract/ids.ts";
import { BadVersion, shown } from "./bad_version.ts";
import type { Chunk, Entry, StoredEntry, StoredFile } from "./entry.ts";
import { arrayOf, digestOf, type Fields, objectOf, parseJson, textOf, wholeOf } from "./fields.ts";
import { chunkBytes, type Limits, maxFrameBytes } from "./limits.ts";
import type { Layer } from "./manifest.ts";
import { comparePaths, foldersOf } from "./path.ts";
import { modeOf } from "./tar.ts";
import { checkEntry } from "./tree.ts";
import { decompressFrame, endOfArchiveFrame, skippableHeaderBytes } from "./zstd.ts";

/** Of no bytes at all. */
export const emptyDigest =
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" as Digest;

/**
 * Reads the compressed table of a layer, as it lies in the blob at `layer.table`.
 *
 * @param bytes the bytes at `layer.table`; their digest is checked here
 * @returns entries in the order of their paths; folders that hold something are not among them
 * @throws BadVersion that names the entry that is wrong
 */
export function parseTable(bytes: Uint8Array, layer: Layer, limits: Limits): StoredEntry[] {
  const refuse = (problem: string) =>
    new BadVersion(`Cannot read the table of layer ${layer.digest}: ${problem}.`);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (digest !== layer.tableDigest) throw refuse(`its digest is ${digest}, not ${layer.tableDigest}`);
  const raw = decompressFrame(bytes, layer.table.rawLength);
  if (!raw) throw refuse(`it does not decompress to ${layer.table.rawLength} bytes`);
  const table = objectOf(parseJson(raw, "it", refuse), "it", refuse);
  if (table.version !== 1) throw refuse("it is of another version than 1");
  const rows = new Rows(arrayOf(table.entries, "entries", refuse), layer, limits);
  return withoutImpliedFolders(rows.read());
}

/** Folders that hold something are listed for tar's sake; as entries they are implied. */
function withoutImpliedFolders(entries: readonly StoredEntry[]): StoredEntry[] {
  const implied = foldersOf(entries.map(({ path }) => path));
  return entries.filter(({ kind, path }) => kind !== "folder" || !implied.has(path));
}

/** Reads rows in order: a file's further pieces follow it. */
class Rows {
  readonly #rows: readonly unknown[];
  readonly #limits: Limits;
  readonly #refuse: (problem: string) => BadVersion;
  /** Where the content's frames end: the tar's end and the table come after. */
  readonly #contentEnd: number;
  #next = 0;
  /** Frames are in order, so none may begin before this. */
  #free = 0;

  constructor(rows: readonly unknown[], { digest, table }: Layer, limits: Limits) {
    this.#rows = rows;
    this.#limits = limits;
    this.#contentEnd = table.offset - skippableHeaderBytes - endOfArchiveFrame.length;
    this.#refuse = (problem) => new BadVersion(`Cannot read the table of layer ${digest}: ${problem}.`);
  }

  read(): StoredEntry[] {
    const entries: StoredEntry[] = [];
    while (this.#next < this.#rows.length) {
      const entry = this.#entry();
      const before = entries.at(-1);
      if (before && comparePaths(before.path, entry.path) >= 0) {
        throw this.#refuse(`entry ${shown(entry.path)} is there twice, or out of order`);
      }
      entries.push(entry);
    }
    return entries;
  }

  #entry(): StoredEntry {
    const what = `entries[${this.#next}]`;
    const row = objectOf(this.#rows[this.#next++], what, this.#refuse);
    const name = textOf(row.name, `${what}.name`, this.#refuse);
    const entry = this.#typed(row, name);
    checkEntry(entry, this.#limits);
    this.#checkPlain(row, entry);
    return entry;
  }

  #typed(row: Fields, name: string): StoredEntry {
    switch (row.type) {
      case "reg":
        return this.#file(row, name);
      case "symlink":
        return {
          kind: "link",
          path: name,
          target: textOf(row.linkName, this.#of(name, "linkName"), this.#refuse),
        };
      case "dir":
        if (!name.endsWith("/")) throw this.#refuse(`folder ${shown(name)} has no "/" at its end`);
        return { kind: "folder", path: name.slice(0, -1) };
      default:
        throw this.#refuse(`entry ${shown(name)} is no file, link or folder`);
    }
  }

  #file(row: Fields, path: string): StoredFile {
    const refuse = this.#refuse;
    const size = wholeOf(row.size ?? 0, this.#of(path, "size"), refuse);
    const executable = row.mode === 0o755;
    const digest = size === 0 && row.digest === undefined
      ? emptyDigest
      : digestOf(row.digest, this.#of(path, "digest"), refuse);
    if (size === 0 && digest !== emptyDigest) {
      throw refuse(`${this.#of(path, "digest")} is not that of no bytes`);
    }
    const chunks = size === 0 ? [] : this.#chunks(row, path, { size, digest });
    return { kind: "file", path, executable, size, digest, chunks };
  }

  #chunks(row: Fields, path: string, file: { readonly size: number; readonly digest: Digest }): Chunk[] {
    const rows = [row, ...this.#furtherRows(path)];
    const end = wholeOf(row.endOffset, this.#of(path, "endOffset"), this.#refuse);
    const offsets = [
      ...rows.map(({ offset }) => wholeOf(offset, this.#of(path, "offset"), this.#refuse)),
      end,
    ];
    const chunks: Chunk[] = [];
    let start = 0;
    for (const [index, one] of rows.entries()) {
      const piece = rows.length === 1 ? file : this.#piece(one, path, start);
      chunks.push({ ...this.#frame(path, offsets[index]!, offsets[index + 1]!), start, ...piece });
      start += piece.size;
      if (piece.size > chunkBytes) {
        throw this.#refuse(`a piece of entry ${shown(path)} is larger than ${chunkBytes} bytes`);
      }
    }
    if (start !== file.size) {
      throw this.#refuse(`the pieces of entry ${shown(path)} are not ${file.size} bytes`);
    }
    return chunks;
  }

  #furtherRows(path: string): Fields[] {
    const rows: Fields[] = [];
    for (; this.#next < this.#rows.length; this.#next++) {
      const row = objectOf(this.#rows[this.#next], `entries[${this.#next}]`, this.#refuse);
      if (row.type !== "chunk") break;
      if (row.name !== path) throw this.#refuse(`a piece after entry ${shown(path)} belongs to another`);
      rows.push(row);
    }
    return rows;
  }

  #piece(row: Fields, path: string, start: number): { readonly size: number; readonly digest: Digest } {
    if ((row.chunkOffset ?? 0) !== start) {
      throw this.#refuse(`the pieces of entry ${shown(path)} have a gap or overlap at ${start}`);
    }
    if ((row.chunkType ?? "") !== "") {
      throw this.#refuse(`a piece of entry ${shown(path)} is of another type`);
    }
    return {
      size: wholeOf(row.chunkSize, this.#of(path, "chunkSize"), this.#refuse, 1),
      digest: digestOf(row.chunkDigest, this.#of(path, "chunkDigest"), this.#refuse),
    };
  }

  #frame(path: string, offset: number, end: number): { readonly offset: number; readonly length: number } {
    const length = end - offset;
    if (offset < this.#free || length <= 0 || length > maxFrameBytes || end > this.#contentEnd) {
      throw this.#refuse(`a piece of entry ${shown(path)} is not where one can be`);
    }
    this.#free = end;
    return { offset, length };
  }

  /** What tars can say and versions do not. */
  #checkPlain(row: Fields, entry: Entry): void {
    const owned = (row.uid ?? 0) !== 0 || (row.gid ?? 0) !== 0;
    const extra = row.xattrs !== undefined || row.devMajor !== undefined || row.devMinor !== undefined;
    if (row.mode !== modeOf(entry) || owned || extra) {
      throw this.#refuse(`entry ${shown(entry.path)} has a mode, owner or attributes that no version has`);
    }
  }

  #of(path: string, field: string): string {
    return `the ${field} of entry ${shown(path)}`;
  }
}
