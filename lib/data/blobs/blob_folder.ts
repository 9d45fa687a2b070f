/**
 * Blobs by their digest in a folder, `blobs/sha256/<hex>` as an OCI image layout has them.
 *
 * @module
 */
import { type Digest, parseDigest } from "../../contract/ids.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import { BlobReader, type Range } from "./blob_reader.ts";
import { BlobWriter } from "./blob_writer.ts";

/**
 * A folder of blobs. A blob is there whole or not at all, whenever the process is killed. The constructor only
 * reads, and any number of processes may; one at a time writes ({@link WritableBlobFolder}).
 */
export class BlobFolder {
  /** The folder that holds `blobs`. */
  readonly folder: string;

  /** Reads the blobs under `folder`; there need not be any. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether the blob is here. */
  has(digest: Digest): boolean {
    return this.size(digest) !== undefined;
  }

  /** The blob's size in bytes, or `undefined` where it is not here. */
  size(digest: Digest): number | undefined {
    try {
      const { isFile, size } = Deno.statSync(this.path(digest));
      return isFile ? size : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Where the blob is, or would be, in the file system. */
  path(digest: Digest): string {
    return `${blobsOf(this.folder)}/${digest.slice("sha256:".length)}`;
  }

  /**
   * Opens a blob, to read parts of it.
   *
   * @throws Failure where the blob is not here
   */
  open(digest: Digest): BlobReader {
    try {
      return new BlobReader(Deno.openSync(this.path(digest)), digest);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw cause;
      const hint = "It was deleted, or never stored.";
      throw new Failure(
        `Cannot read blob ${digest} in ${this.folder}: it is not there. ${hint}`,
        exitCode.notFound,
        {
          cause,
        },
      );
    }
  }

  /**
   * Reads a part of a blob, or all of it, into memory.
   *
   * @throws Failure where the blob is not here, or ends before the range does
   */
  read(digest: Digest, range?: Range): Uint8Array {
    using blob = this.open(digest);
    return blob.read(range ?? { offset: 0, length: blob.size });
  }

  /** Streams a part of a blob, or all of it. The blob may be deleted meanwhile: the stream goes on. */
  stream(digest: Digest, range?: Range): ReadableStream<Uint8Array> {
    const blob = this.open(digest);
    return blob.stream(range ?? { offset: 0, length: blob.size });
  }

  /** Every blob that is here, in no order. */
  list(): { readonly digest: Digest; readonly size: number }[] {
    const found: { digest: Digest; size: number }[] = [];
    for (const name of namesIn(blobsOf(this.folder))) {
      const digest = parseDigest(`sha256:${name}`);
      const size = digest && this.size(digest);
      if (digest !== undefined && size !== undefined) found.push({ digest, size });
    }
    return found;
  }
}

/** A {@link BlobFolder} that this process may write to, until it is disposed of. */
export class WritableBlobFolder extends BlobFolder implements Disposable {
  readonly #lock: Deno.FsFile;

  private constructor(folder: string, lock: Deno.FsFile) {
    super(folder);
    this.#lock = lock;
  }

  /**
   * Opens the blobs under `folder` to write, makes the folders, and removes what a killed writer left.
   *
   * @throws Failure where another process has them open to write
   */
  static async open(folder: string): Promise<WritableBlobFolder> {
    await Deno.mkdir(blobsOf(folder), { recursive: true });
    const lock = await Deno.open(`${folder}/.lock`, { create: true, write: true });
    try {
      if (!await lock.tryLock(true)) {
        throw new Failure(
          `Cannot write to ${folder}: another process does. Wait for it to end.`,
          exitCode.couldNot,
        );
      }
      await Deno.remove(temporaryOf(folder), { recursive: true }).catch(unlessMissing);
      await Deno.mkdir(temporaryOf(folder));
    } catch (error) {
      lock.close();
      throw error;
    }
    return new WritableBlobFolder(folder, lock);
  }

  /** Begins to write a blob whose digest is not known yet. */
  writer(): BlobWriter {
    return new BlobWriter(temporaryOf(this.folder), (digest) => this.path(digest));
  }

  /** Writes a blob that is in memory. */
  async put(bytes: Uint8Array): Promise<Digest> {
    const writer = this.writer();
    try {
      writer.write(bytes);
      return (await writer.commit()).digest;
    } finally {
      writer.abort();
    }
  }

  /** Deletes a blob, if it is here. */
  delete(digest: Digest): void {
    try {
      Deno.removeSync(this.path(digest));
    } catch (error) {
      unlessMissing(error);
    }
  }

  /** Lets other processes write. */
  [Symbol.dispose](): void {
    this.#lock.close();
  }
}

function blobsOf(folder: string): string {
  return `${folder}/blobs/sha256`;
}

/** In the same file system as the blobs, and not among them. */
function temporaryOf(folder: string): string {
  return `${folder}/.writing`;
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    unlessMissing(error);
    return [];
  }
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
