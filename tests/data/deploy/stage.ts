/**
 * A location with versions to put into it.
 *
 * @module
 */
import { deepEqual } from "node:assert/strict";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import type { Digest } from "../../../lib/contract/ids.ts";
import { Location, type LocationOptions } from "../../../lib/data/deploy/location.ts";
import type { BlobSource } from "../../../lib/data/fetch/blob_source.ts";
import { systemFiles } from "../../../lib/data/fetch/files.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { silentLog as log } from "../../support/silent_log.ts";
import { type Made, Upstream } from "../fetch/upstream.ts";
import { inFolder, readTree } from "../version/support.ts";

/** Never aborts. */
export const forever = new AbortController().signal;

/** Where a test deploys to, and from. */
export interface Stage {
  readonly folder: string;
  readonly upstream: Upstream;
  /** The location's path. */
  readonly path: string;
  /** A deployer's view of the location, as if a process had just started. */
  open(options?: Partial<LocationOptions>): Location;
  /** Puts a version in place. */
  place(location: Location, version: DataVersion, more?: Placing): Promise<Digest | undefined>;
}

/** What is unusual about a placement. */
export interface Placing {
  readonly name?: string;
  readonly source?: BlobSource;
  readonly signal?: AbortSignal;
  readonly asked?: readonly Digest[];
}

/** Runs `work` with a location of its own. */
export function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    using upstream = await Upstream.open(`${folder}/upstream`);
    const path = `${folder}/data`;
    await Deno.mkdir(path);
    await work({
      folder,
      upstream,
      path,
      open: (options) => new Location(path, { files: systemFiles(), clock, log, ...options }),
      place: (location, version, { name = "web", source = upstream.source, signal = forever, asked } = {}) =>
        location.place(
          { name, version, source, tell: false, asked: () => asked ?? [version.digest] },
          signal,
        ),
    });
  });
}

/** Holds what a link leads to against the folder that the version was made of. */
export async function expectTree(stage: Stage, tree: string, name = "web"): Promise<void> {
  deepEqual(await readTree(`${stage.path}/${name}`), await readTree(`${stage.upstream.folder}/${tree}`));
}

/** Everything that should be in a location, and nothing else: versions in place, and the ones before. */
export function expectNothingLeft(
  { path }: Pick<Stage, "path">,
  { versions, links }: { readonly versions: readonly Made[]; readonly links: readonly string[] },
): void {
  const hexes = versions.map(({ digest }) => digest.slice(7));
  const tables = versions.flatMap(({ manifest }) =>
    manifest.layers.map(({ tableDigest }) => tableDigest.slice(7))
  );
  deepEqual(namesIn(path), [".versions", ...links].sort());
  const previous = namesIn(`${path}/.versions`).filter((name) => name.startsWith(".previous-"));
  deepEqual(
    namesIn(`${path}/.versions`),
    [
      ".lock",
      ...hexes,
      ...hexes.map((hex) => `.state-${hex}`),
      ...new Set(tables.map((hex) => `.table-${hex}`)),
      ...previous,
    ].sort(),
  );
}

/** Names in a folder, in order. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
