/**
 * A folder that changed while it was packed.
 *
 * @module
 */
import { shown } from "./bad_version.ts";

/** What was packed so far may be a mix of old and new: packing begins anew. */
export class FolderChanged extends Error {
  /** `FolderChanged`. */
  override readonly name = "FolderChanged";

  /** Tells which entry changed. */
  constructor(path: string) {
    super(`entry ${shown(path)} changed meanwhile`);
  }
}
