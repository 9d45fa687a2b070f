/**
 * Which files were read before, so that those that did not change are not read again.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";

/** What tells, without reading it, that a file is the one that was read before. */
export interface FileStamp {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  /** Milliseconds since 1970; the runtime gives whole seconds. */
  readonly ctime: number;
  readonly ino: number;
}

/** Whether two stamps are the same. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino;
}

/**
 * A file that changed less than this before it was read may change again and keep its stamp (git calls this racily
 * clean): milliseconds. A change's time is told in whole seconds, and by a clock that lags a few milliseconds.
 */
const settledAfter = 1100;

/** Digests of a folder's files by path, each true while the file's stamp is the same. */
export class StatMemo {
  #known = new Map<string, { readonly stamp: FileStamp; readonly digest: Digest }>();

  /** The digest of the file at `path`, where it was read before and has the same stamp. */
  recall(path: string, stamp: FileStamp): Digest | undefined {
    const known = this.#known.get(path);
    return known && sameStamp(known.stamp, stamp) ? known.digest : undefined;
  }

  /**
   * Notes what was read. A file that had only just changed is not noted: it is read again next time.
   *
   * @param readAt when the reading began, milliseconds since 1970
   */
  note(path: string, stamp: FileStamp, digest: Digest, readAt: number): void {
    if (stamp.ctime + settledAfter > readAt) this.#known.delete(path);
    else this.#known.set(path, { stamp, digest });
  }

  /** Forgets every file that is not among `paths`. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }
}
