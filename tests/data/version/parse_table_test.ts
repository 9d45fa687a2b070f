import { deepEqual, throws } from "node:assert/strict";
import type { Digest } from "../../../lib/contract/ids.ts";
import type { StoredEntry } from "../../../lib/data/version/entry.ts";
import { chunkBytes, defaultLimits } from "../../../lib/data/version/limits.ts";
import type { Layer } from "../../../lib/data/version/manifest.ts";
import { emptyDigest, parseTable } from "../../../lib/data/version/parse_table.ts";
import { formatTable } from "../../../lib/data/version/table.ts";
import { compressFrame } from "../../../lib/data/version/zstd.ts";
import { digestOf } from "./support.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;
const file = { kind: "file", executable: false } as const;

/** A layer's tables as they are written: folders that hold something are among them. */
const entries: readonly StoredEntry[] = [
  { kind: "folder", path: "a" },
  {
    ...file,
    path: "a/large",
    size: chunkBytes + 5,
    digest: digest("a"),
    chunks: [
      { offset: 100, length: 50, start: 0, size: chunkBytes, digest: digest("b") },
      { offset: 150, length: 20, start: chunkBytes, size: 5, digest: digest("c") },
    ],
  },
  { kind: "link", path: "a/link", target: "large" },
  {
    ...file,
    path: "a/small",
    executable: true,
    size: 9,
    digest: digest("d"),
    chunks: [{ offset: 180, length: 20, start: 0, size: 9, digest: digest("d") }],
  },
  { ...file, path: "empty", size: 0, digest: emptyDigest, chunks: [] },
  { kind: "folder", path: "hollow" },
];

// deno-lint-ignore no-explicit-any -- tests break fields of any kind
type Json = any;

function tableOf(bytes: Uint8Array): { readonly frame: Uint8Array; readonly layer: Layer } {
  const frame = compressFrame(bytes);
  const table = { offset: 1000, length: frame.length, rawLength: bytes.length };
  const layer = {
    digest: digest("e"),
    size: 9000,
    title: "layer.tar.zst",
    table,
    tableDigest: digestOf(frame),
  };
  return { frame, layer };
}

function parsed(change: (json: Json) => void = () => {}): StoredEntry[] {
  const json = JSON.parse(new TextDecoder().decode(formatTable(entries, digest("f"))));
  change(json);
  const { frame, layer } = tableOf(new TextEncoder().encode(JSON.stringify(json)));
  return parseTable(frame, layer, defaultLimits);
}

Deno.test("a table that was written is read the same, without the folders that hold something", () => {
  deepEqual(parsed(), entries.slice(1));
});

Deno.test("rows are those of zstd:chunked: pieces follow their file, and the last one's end is the file's", () => {
  const json = JSON.parse(new TextDecoder().decode(formatTable(entries, digest("f"))));
  const shared = { mode: 0o644, modtime: "1970-01-01T00:00:00Z" };
  deepEqual({ version: json.version, tarSplitDigest: json.tarSplitDigest }, {
    version: 1,
    tarSplitDigest: digest("f"),
  });
  deepEqual(json.entries, [
    { type: "dir", name: "a/", ...shared, mode: 0o755 },
    {
      ...{ type: "reg", name: "a/large", ...shared, size: chunkBytes + 5, digest: digest("a") },
      ...{ offset: 100, endOffset: 170, chunkSize: chunkBytes, chunkDigest: digest("b") },
    },
    {
      type: "chunk",
      name: "a/large",
      offset: 150,
      chunkSize: 5,
      chunkOffset: chunkBytes,
      chunkDigest: digest("c"),
    },
    { type: "symlink", name: "a/link", ...shared, mode: 0o777, linkName: "large" },
    {
      ...{ type: "reg", name: "a/small", ...shared, mode: 0o755, size: 9, digest: digest("d") },
      ...{ offset: 180, endOffset: 200 },
    },
    { type: "reg", name: "empty", ...shared },
    { type: "dir", name: "hollow/", ...shared, mode: 0o755 },
  ]);
});

const [large, piece, link, small, empty] = [1, 2, 3, 4, 5];

const broken: readonly (readonly [string, (rows: Json[], table: Json) => void, RegExp])[] = [
  ["another version", (_, table) => table.version = 2, /another version/],
  ["entries that are no list", (_, table) => table.entries = {}, /entries is no list/],
  ["a row that is no object", (rows) => rows[0] = null, /entries\[0\] is no object/],
  ["a name that is no text", (rows) => rows[small!].name = 7, /entries\[4\]\.name is no text/],
  ["a path that leaves", (rows) => rows[small!].name = "../x", /Entry "\.\.\/x" holds a "\." or "\.\."/],
  ["an absolute path", (rows) => rows[small!].name = "/etc/x", /holds an empty name/],
  ["a link that is absolute", (rows) => rows[link!].linkName = "/etc", /absolute target/],
  [
    "a link without a target",
    (rows) => delete rows[link!].linkName,
    /linkName of entry "a\/link" is no text/,
  ],
  ["a device", (rows) => rows[small!].type = "char", /is no file, link or folder/],
  ["a hardlink", (rows) => rows[small!].type = "hardlink", /is no file, link or folder/],
  ["a folder without its slash", (rows) => rows[0].name = "a", /has no "\/" at its end/],
  [
    "an entry twice",
    (rows) => rows.splice(small!, 0, rows[link!]),
    /"a\/link" is there twice, or out of order/,
  ],
  ["entries out of order", (rows) => rows.reverse(), /out of order|belongs|no file/],
  ["set-user-id", (rows) => rows[small!].mode = 0o4755, /has a mode, owner/],
  ["a folder that all may write to", (rows) => rows[0].mode = 0o777, /has a mode, owner/],
  ["an owner", (rows) => rows[small!].uid = 1, /has a mode, owner/],
  ["attributes", (rows) => rows[small!].xattrs = { "security.capability": "" }, /has a mode, owner/],
  ["a size of text", (rows) => rows[small!].size = "9", /size of entry "a\/small" is no whole number/],
  ["a size that is negative", (rows) => rows[small!].size = -9, /no whole number/],
  ["a file past the limit", (rows) => rows[small!].size = 2 ** 50, /larger than 1048576|not \d+ bytes/],
  ["a file without a digest", (rows) => delete rows[small!].digest, /digest of entry "a\/small" is no text/],
  ["no bytes with a digest of some", (rows) => rows[empty!].digest = digest("a"), /not that of no bytes/],
  ["no place", (rows) => delete rows[small!].offset, /offset of entry "a\/small" is no whole number/],
  ["a place before the last one's end", (rows) => rows[small!].offset = 160, /not where one can be/],
  ["a place past the content", (rows) => rows[small!].endOffset = 990, /not where one can be/],
  ["an end before the beginning", (rows) => rows[small!].endOffset = 180, /not where one can be/],
  ["a frame that is too long", (rows) => rows[small!].endOffset = 2 ** 40, /not where one can be/],
  ["a piece of another file", (rows) => rows[piece!].name = "a/other", /belongs to another/],
  ["a piece that overlaps", (rows) => rows[piece!].chunkOffset = 3, /gap or overlap/],
  ["a piece of zeros", (rows) => rows[piece!].chunkType = "zeros", /another type/],
  ["pieces that are too few", (rows) => rows.splice(piece!, 1), /larger than|not 1048581 bytes/],
  [
    "pieces of another size",
    (rows) => rows[piece!].chunkSize = 6,
    /pieces of entry "a\/large" are not 1048581/,
  ],
  ["a piece that is too large", (rows) => {
    rows[large!].chunkSize = chunkBytes + 1;
    rows[piece!].chunkOffset = chunkBytes + 1;
    rows[piece!].chunkSize = 4;
  }, /a piece of entry "a\/large" is larger/],
  ["a piece alone", (rows) => rows.splice(large!, 1), /is no file, link or folder/],
];

Deno.test("a table in which anything is wrong is refused, and the entry is named", () => {
  for (const [what, change, message] of broken) {
    throws(() => parsed((json) => change(json.entries, json)), { name: "BadVersion", message }, what);
  }
});

Deno.test("a table with another digest, cut, or of another size is refused", () => {
  const { frame, layer } = tableOf(formatTable(entries, digest("f")));
  throws(() => parseTable(frame.subarray(1), layer, defaultLimits), /its digest is sha256/);
  const cut = frame.subarray(0, frame.length - 1);
  throws(
    () => parseTable(cut, { ...layer, tableDigest: digestOf(cut) }, defaultLimits),
    /does not decompress/,
  );
  const table = { ...layer.table, rawLength: layer.table.rawLength - 1 };
  throws(() => parseTable(frame, { ...layer, table }, defaultLimits), /does not decompress to/);
});

Deno.test("a table that is not UTF-8 or not JSON is refused", () => {
  for (const bytes of [new Uint8Array([0xff, 0xfe]), new TextEncoder().encode('{"version":1,')]) {
    const { frame, layer } = tableOf(bytes);
    throws(() => parseTable(frame, layer, defaultLimits), /is not JSON/);
  }
});
