/**
 * Removes what nobody needs any more, and what killed deployers left.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { temporaryPrefix } from "../publish.ts";
import { parseManifest } from "../version/parse_manifest.ts";
import { hexOf, isVersionName, linkedVersion, nameOf } from "./places.ts";
import type { VersionStore } from "./version_store.ts";

/**
 * Keeps the versions in place, the ones before them, and those that are asked for; everything else goes. The
 * lock on the location is held by the caller, alone: nothing here is being written.
 */
export async function cleanUp(store: VersionStore, asked: Iterable<Digest>): Promise<void> {
  forgetFormer(store);
  const kept = new Set([...asked, ...store.linked()]);
  const keptNames = new Set([...[...kept].flatMap(namesKept), ...tablesKept(store, kept)]);
  for (const name of store.names()) {
    const path = `${store.places.versions}/${name}`;
    if (keptNames.has(name)) continue;
    // First out of the way: what is left of a tree must never be taken for one.
    if (isVersionName(name)) await store.discard(path);
    else if (isOurs(name)) await store.files.removeTree(path);
  }
  removeTemporary(store);
}

function namesKept(digest: Digest): string[] {
  const hex = hexOf(digest);
  return [hex, nameOf.state + hex, nameOf.partial + hex];
}

function tablesKept(store: VersionStore, kept: Iterable<Digest>): string[] {
  return [...kept].flatMap((digest) => {
    const state = store.state(digest);
    return state ? parseManifest(state.manifest).layers : [];
  }).map(({ tableDigest }) => nameOf.table + hexOf(tableDigest));
}

/** Names of what deployers make beside finished versions, but for links and the lock. */
function isOurs(name: string): boolean {
  return [nameOf.gone, nameOf.partial, nameOf.state, nameOf.table, temporaryPrefix].some((one) =>
    name.startsWith(one)
  );
}

/** A data deployment that is gone has no version before, and nobody to tell. */
function forgetFormer(store: VersionStore): void {
  for (const name of store.names()) {
    const beginning = [nameOf.previous, nameOf.untold].find((one) => name.startsWith(one));
    if (beginning === undefined) continue;
    const link = store.places.link(name.slice(beginning.length));
    if (linkedVersion(link) === undefined) store.files.remove(`${store.places.versions}/${name}`);
  }
}

function removeTemporary({ places, files }: VersionStore): void {
  for (const { name } of [...Deno.readDirSync(places.location)]) {
    if (name.startsWith(temporaryPrefix)) files.remove(places.link(name));
  }
}
