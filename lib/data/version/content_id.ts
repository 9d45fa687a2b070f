/**
 * The identity of a tree's content.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ContentId, Digest } from "../../contract/ids.ts";
import type { Entry } from "./entry.ts";
import { inOrder } from "./path.ts";

/** SHA-256 over all entries of a tree, in any order: the same content has the same identity however it is packed. */
export function contentIdOf(entries: readonly Entry[]): ContentId {
  return hashOf("autocrane tree 1", entries) as string as ContentId;
}

/** The identity of a layer: of its entries, in any order, and of the way in which they are made into a tar. */
export function layerKeyOf(entries: readonly Entry[]): Digest {
  return hashOf("autocrane layer 1", entries);
}

function hashOf(what: string, entries: readonly Entry[]): Digest {
  const hash = createHash("sha256");
  let text = `${what}\0`;
  for (const entry of inOrder(entries)) {
    text += recordOf(entry);
    if (text.length > 65_536) {
      hash.update(text);
      text = "";
    }
  }
  return `sha256:${hash.update(text).digest("hex")}` as Digest;
}

/** Ends each field with NUL, which no path holds, so that no two trees give one text. */
function recordOf(entry: Entry): string {
  switch (entry.kind) {
    case "file":
      return `file\0${entry.path}\0${entry.executable ? "755" : "644"}\0${entry.size}\0${entry.digest}\0`;
    case "link":
      return `link\0${entry.path}\0${entry.target}\0`;
    case "folder":
      return `folder\0${entry.path}\0`;
  }
}
