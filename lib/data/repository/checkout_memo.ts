/**
 * What was read of a checkout of one's own.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { type FileStamp, StatMemo } from "../version/memo.ts";

/**
 * A memo that trusts files which have only just changed: git wrote them, was waited for, and writes again only after
 * the next fetch. Otherwise a new checkout would be read twice, once for each of its first two versions.
 */
export class CheckoutMemo extends StatMemo {
  /** Notes what was read, however short ago it was written. */
  override note(path: string, stamp: FileStamp, digest: Digest): void {
    super.note(path, stamp, digest, Infinity);
  }
}
