/**
 * The repository's catalogue on the disk: published whole, after the blobs that it names.
 *
 * @module
 */
import { readVersion, versionFields } from "../../contract/data_version.ts";
import { exitCode, Failure, messageOf } from "../../runtime/failure.ts";
import { publishFile } from "../publish.ts";
import type { StoredVersion, Versions } from "./stored_version.ts";

/** Versions by source. */
export type StoredCatalogue = ReadonlyMap<string, Versions>;

/** Writes the catalogue in one step. */
export async function writeCatalogue(path: string, catalogue: StoredCatalogue): Promise<void> {
  const sources = [...catalogue].map(([name, versions]) => [name, versions.map(entryFields)]);
  await publishFile(path, JSON.stringify({ Sources: Object.fromEntries(sources) }) + "\n");
}

function entryFields({ packedAt, ...version }: StoredVersion): Readonly<Record<string, unknown>> {
  return { ...versionFields(version), PackedAt: packedAt };
}

/**
 * Reads the catalogue; an empty one where there is no file yet.
 *
 * @throws Failure where the file cannot be read, or is no catalogue
 */
export async function readCatalogue(path: string): Promise<StoredCatalogue> {
  try {
    return new Map(
      Object.entries(asObject(asObject(JSON.parse(await Deno.readTextFile(path))).Sources)).map(
        ([name, list]) => [name, asList(list).map(readEntry)],
      ),
    );
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return new Map();
    throw new Failure(
      `Cannot read the catalogue "${path}": ${messageOf(cause)}. If it cannot be mended, delete it: ` +
        "versions are packed again from their sources.",
      exitCode.couldNot,
      { cause },
    );
  }
}

function readEntry(entry: unknown): StoredVersion {
  const fields = asObject(entry);
  const version = readVersion(fields);
  if ("problem" in version) throw new Error(`a version ${version.problem}`);
  return { ...version, packedAt: Number(fields.PackedAt) || 0 };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new Error("it holds something else than an object");
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error("it holds something else than a list");
}
