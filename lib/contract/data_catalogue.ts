/**
 * What the repository has (GET `/.manifest`), and what of it must be kept (the state ConfigMaps): read by the other
 * side of each.
 *
 * @module
 */
import { type DataVersion, readVersion, versionFields } from "./data_version.ts";
import { cleanText } from "./text.ts";

/** One source as the repository knows it. */
export interface CataloguedSource {
  /** Oldest first. */
  readonly versions: readonly DataVersion[];
  /** Why its upstream cannot be read now, and since when (seconds since 1970). */
  readonly trouble?: { readonly since: number; readonly message: string };
}

/** Sources by name. */
export type Catalogue = ReadonlyMap<string, CataloguedSource>;

/** Writes the body of GET `/.manifest`: the original's fields, and ours `Digest`, `Version` and `Troubles`. */
export function formatCatalogue(catalogue: Catalogue): string {
  const sources = [...catalogue].map(([name, { versions }]) => [name, versions.map(entryFields)] as const);
  const troubles = [...catalogue].filter(([, { trouble }]) => trouble).map(([name, { trouble }]) => [
    name,
    { Since: new Date(trouble!.since * 1000).toISOString(), Message: cleanText(trouble!.message, 500) },
  ]);
  return JSON.stringify({ Sources: Object.fromEntries(sources), Troubles: Object.fromEntries(troubles) });
}

function entryFields(version: DataVersion): Readonly<Record<string, unknown>> {
  const { Path, Hash, Digest, Version } = versionFields(version);
  return {
    ArchiveFilePath: Path,
    Hash,
    Timestamp: new Date(version.time * 1000).toISOString(),
    Digest,
    Version,
  };
}

/** Reads the body of GET `/.manifest`; versions that cannot be read (the original's have no Digest) are left out. */
export function parseCatalogue(body: string): Catalogue | { readonly problem: string } {
  const fields = asObject(parseJson(body));
  const sources = asObject(fields?.Sources);
  if (!sources) return { problem: "is not a repository's manifest" };
  const troubles = new Map(Object.entries(asObject(fields?.Troubles) ?? {}));
  return new Map(
    Object.entries(sources).map(([name, list]) => {
      const versions = (Array.isArray(list) ? list : []).map(readEntry).filter((one) => one !== undefined);
      const trouble = readTrouble(troubles.get(name));
      return [name, { versions, ...(trouble && { trouble }) }];
    }),
  );
}

function readEntry(entry: unknown): DataVersion | undefined {
  const fields = asObject(entry) ?? {};
  const time = Math.floor(Date.parse(String(fields.Timestamp)) / 1000);
  const version = readVersion({ ...fields, Path: fields.ArchiveFilePath, UnixTimestampSeconds: time });
  return "problem" in version ? undefined : version;
}

function readTrouble(value: unknown): CataloguedSource["trouble"] {
  const fields = asObject(value);
  const since = Date.parse(String(fields?.Since));
  const message = String(fields?.Message ?? "");
  return Number.isNaN(since)
    ? undefined
    : { since: Math.floor(since / 1000), message: cleanText(message, 500) };
}

/** The field of a state ConfigMap that lists, for the repository, what may not be deleted. */
export const keptField = "kept";

/** Versions by source that somebody has, or is to have. */
export type KeptVersions = ReadonlyMap<string, readonly DataVersion[]>;

/** Writes the `kept` field of a state ConfigMap. */
export function formatKept(kept: KeptVersions): string {
  return JSON.stringify(
    Object.fromEntries([...kept].map(([source, versions]) => [source, versions.map(versionFields)])),
  );
}

/** Reads the `kept` field; `undefined` where any of it cannot be read, so that nothing is deleted by mistake. */
export function parseKept(text: string): KeptVersions | undefined {
  const sources = asObject(parseJson(text));
  if (!sources) return undefined;
  const kept = new Map<string, DataVersion[]>();
  for (const [source, list] of Object.entries(sources)) {
    if (!Array.isArray(list)) return undefined;
    const versions = list.map((one) => readVersion(asObject(one) ?? {}));
    if (versions.some((one) => "problem" in one)) return undefined;
    kept.set(source, versions as DataVersion[]);
  }
  return kept;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Readonly<Record<string, unknown>>
    : undefined;
}
