/**
 * Writes a layer's table of contents and its footer, as containers/storage's zstd:chunked has them.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { StoredEntry, StoredFile } from "./entry.ts";
import { type Position, tableKind } from "./manifest.ts";
import { modeOf, tarName } from "./tar.ts";

/** The time of everything in a version. */
export const tableTime = "1970-01-01T00:00:00Z";

/**
 * Writes a table of contents.
 *
 * @param entries in the order of the tar, folders that hold something among them
 * @param tarSplitDigest of the compressed tar-split data
 */
export function formatTable(entries: readonly StoredEntry[], tarSplitDigest: Digest): Uint8Array {
  const table = { version: 1, entries: entries.flatMap(rowsOf), tarSplitDigest };
  return new TextEncoder().encode(JSON.stringify(table));
}

function rowsOf(entry: StoredEntry): Readonly<Record<string, unknown>>[] {
  const shared = { name: tarName(entry), mode: modeOf(entry), modtime: tableTime };
  switch (entry.kind) {
    case "file":
      return fileRows(entry, shared);
    case "link":
      return [{ type: "symlink", ...shared, linkName: entry.target }];
    case "folder":
      return [{ type: "dir", ...shared }];
  }
}

/** A file's row, and one for each of its pieces but the first, where there are several. */
function fileRows(
  { size, digest, chunks }: StoredFile,
  shared: { readonly name: string },
): Record<string, unknown>[] {
  const first = chunks[0];
  const last = chunks.at(-1);
  if (!first || !last) return [{ type: "reg", ...shared }];
  const row = {
    type: "reg",
    ...shared,
    size,
    digest,
    offset: first.offset,
    endOffset: last.offset + last.length,
  };
  if (chunks.length === 1) return [row];
  return chunks.map(({ offset, start, size, digest }, index) => ({
    ...(index === 0 ? row : { type: "chunk", name: shared.name, offset }),
    chunkSize: size,
    ...(index > 0 && { chunkOffset: start }),
    chunkDigest: digest,
  }));
}

/** The footer's content: where the table and the tar-split data are, and the format's mark. */
export function formatFooter(table: Position, tarSplit: Position): Uint8Array {
  const numbers = [
    ...[table.offset, table.length, table.rawLength, tableKind],
    ...[tarSplit.offset, tarSplit.length, tarSplit.rawLength],
  ];
  const mark = "GNUlInUx";
  const bytes = new Uint8Array(8 * numbers.length + mark.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, index) => view.setBigUint64(8 * index, BigInt(number), true));
  new TextEncoder().encodeInto(mark, bytes.subarray(8 * numbers.length));
  return bytes;
}
