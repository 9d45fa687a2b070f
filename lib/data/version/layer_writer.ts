/**
 * Writes one layer: a tar as zstd frames, its table of contents, what tar-split needs, and the footer.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Digest } from "../../contract/ids.ts";
import type { BlobWriter } from "../blobs/blob_writer.ts";
import { BadVersion, shown } from "./bad_version.ts";
import { Crc64 } from "./crc64.ts";
import type { Chunk, FileEntry, FolderEntry, LinkEntry, StoredEntry } from "./entry.ts";
import type { StoredLayer } from "./layer_store.ts";
import { maxTableBytes, maxTableRawBytes } from "./limits.ts";
import type { Position } from "./manifest.ts";
import { blockBytes, concat, tarHeader, tarName, tarPadding } from "./tar.ts";
import { TarSplit } from "./tar_split.ts";
import { formatFooter, formatTable } from "./table.ts";
import { compressFrame, endOfArchiveFrame, skippableFrame, skippableHeaderBytes } from "./zstd.ts";

/** Bytes of headers that go into one frame where no content comes between. */
const maxHeaderBytes = 256 << 10;

/** A file's content on its way into a layer. */
export interface FileContent {
  /** Takes the next piece, and the frame that it is stored as. */
  piece(raw: Uint8Array, frame: Uint8Array): void;
  /** Ends the content and tells its digest; the file counts only if that is the expected one. */
  end(): Digest;
}

/** One layer that is being written, entry by entry in the order of their paths. */
export class LayerWriter {
  readonly #blob: BlobWriter;
  readonly #tar = createHash("sha256");
  readonly #split = new TarSplit();
  readonly #entries: StoredEntry[] = [];
  /** Headers and padding that no frame holds yet. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** Writes to `blob`, which the caller gives up where anything fails. */
  constructor(blob: BlobWriter) {
    this.#blob = blob;
  }

  /** Adds a folder or a link. */
  plain(entry: FolderEntry | LinkEntry): void {
    this.#header(tarHeader(entry));
    this.#split.entry(tarName(entry), 0, null);
    this.#entries.push(entry);
  }

  /** Begins a file, whose content is to be given next. */
  file(file: FileEntry): FileContent {
    this.#header(tarHeader(file));
    if (file.size > 0) this.#flush();
    const whole = createHash("sha256");
    const crc = new Crc64();
    const chunks: Chunk[] = [];
    let start = 0;
    const piece = (raw: Uint8Array, frame: Uint8Array) => {
      const digest = raw.length === file.size ? file.digest : digestOf(raw);
      chunks.push({ offset: this.#blob.size, length: frame.length, start, size: raw.length, digest });
      start += raw.length;
      whole.update(raw);
      crc.update(raw);
      this.#tar.update(raw);
      this.#blob.write(frame);
    };
    const end = () => {
      this.#split.entry(tarName(file), file.size, file.size > 0 ? crc.digest() : null);
      const padding = tarPadding(file.size);
      if (padding.length > 0) this.#header(padding);
      this.#entries.push({ ...file, chunks });
      return `sha256:${whole.digest("hex")}` as Digest;
    };
    return { piece, end };
  }

  /** Ends the layer and puts its blob in place. */
  async commit(title: string): Promise<StoredLayer> {
    this.#flush();
    const end = new Uint8Array(2 * blockBytes);
    this.#tar.update(end);
    this.#split.segment(end);
    this.#blob.write(endOfArchiveFrame);
    const split = this.#split.bytes();
    const splitFrame = compressFrame(split);
    const table = formatTable(this.#entries, digestOf(splitFrame));
    const tableFrame = compressFrame(table);
    this.#checkTable(table, tableFrame);
    const tableAt = this.#skippable(tableFrame, table.length);
    const tarSplitAt = this.#skippable(splitFrame, split.length);
    this.#blob.write(skippableFrame(formatFooter(tableAt, tarSplitAt)));
    const diffId = `sha256:${this.#tar.digest("hex")}` as Digest;
    const { digest, size } = await this.#blob.commit();
    return {
      digest,
      size,
      title,
      table: tableAt,
      tableDigest: digestOf(tableFrame),
      tarSplit: tarSplitAt,
      diffId,
    };
  }

  #header(bytes: Uint8Array): void {
    this.#tar.update(bytes);
    this.#split.segment(bytes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > maxHeaderBytes) this.#flush();
  }

  #flush(): void {
    if (this.#pendingBytes > 0) this.#blob.write(compressFrame(concat(this.#pending)));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #skippable(content: Uint8Array, rawLength: number): Position {
    const offset = this.#blob.size + skippableHeaderBytes;
    this.#blob.write(skippableFrame(content));
    return { offset, length: content.length, rawLength };
  }

  /** What is written must be taken by every reader. */
  #checkTable(table: Uint8Array, frame: Uint8Array): void {
    if (table.length > maxTableRawBytes || frame.length > maxTableBytes) {
      throw new BadVersion(
        `Cannot pack a layer: its table of ${table.length} bytes is larger than is taken. ` +
          `Its first entry is ${shown(this.#entries[0]!.path)}: make names shorter, or files smaller.`,
      );
    }
  }
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}
