/**
 * Puts a finished version in place.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { FetchFailure } from "../fetch/blob_source.ts";
import type { Files } from "../fetch/files.ts";
import { statOf } from "../fetch/stamp.ts";
import { linkedVersion, type Places } from "./places.ts";

/** What is put in place, and where. */
export interface Swap {
  readonly name: string;
  readonly digest: Digest;
  /** Whether an application has to be told: that is noted, in case this process ends before it is. */
  readonly tell: boolean;
}

/**
 * Lets `<location>/NAME` lead to a version, in one step: a reader sees the one or the other. What was in place
 * becomes the previous version.
 *
 * @returns the version that was in place before, if there was one
 * @throws FetchFailure where something stands there that no deployer made
 */
export async function swap(
  { name, digest, tell }: Swap,
  places: Places,
  files: Files,
): Promise<Digest | undefined> {
  const path = places.link(name);
  const before = linkedVersion(path);
  if (before === digest) return before;
  const info = before === undefined ? statOf(path) : undefined;
  if (info) {
    const kind = info.isSymlink ? "link" : info.isDirectory ? "folder" : "file";
    throw new FetchFailure(
      "disk",
      `Cannot put data in place as "${path}": a ${kind} is there that no deployer made. Move it away.`,
    );
  }
  if (before && tell) await files.publishFile(places.untold(name), "");
  if (before) await files.publishLink(before.slice("sha256:".length), places.previous(name));
  await files.publishLink(places.target(digest), path);
  return before;
}
