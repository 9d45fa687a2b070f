/**
 * The repository put together: everything behind its HTTP app, and what runs beside it.
 *
 * @module
 */
import { join } from "node:path";
import type { Hono } from "hono";
import type { Digest } from "../../contract/ids.ts";
import type { SourceSpec } from "../../contract/source_spec.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Guard } from "../../runtime/guard.ts";
import type { Log } from "../../runtime/log.ts";
import type { Registry } from "../../runtime/metrics.ts";
import { DirSource } from "../source/dir_source.ts";
import type { GitSecrets } from "../source/git_environment.ts";
import { GitSource } from "../source/git_source.ts";
import type { Source } from "../source/source.ts";
import { repositoryApp } from "./app.ts";
import { Garbage } from "./garbage.ts";
import type { KeptReader } from "./kept.ts";
import { repositoryMetrics, storeMetrics } from "./metrics.ts";
import { Mirror } from "./mirror.ts";
import { RegistryClient, type RegistryPlace } from "./registry_client.ts";
import { Repository } from "./repository.ts";
import { Sources } from "./sources.ts";
import { Upkeep } from "./upkeep.ts";

/** How a repository works. */
export interface PartsOptions {
  /** The store: `DataRepo__ArchivePath`. */
  readonly archive: string;
  /** The scratch folder: `DataRepo__SourcePath`. */
  readonly scratch: string;
  /** Milliseconds from one look at an upstream to the next. */
  readonly every: number;
  /** Newest versions of a source that stay whatever is kept. */
  readonly keepLast: number;
  /** The file with the secret of hooks; empty where there are none. */
  readonly hookSecretFile: string;
  readonly secrets: GitSecrets;
  /** Who knows what is kept, where there is a cluster. */
  readonly kept: KeptReader | undefined;
  /** A registry that versions are pushed to, if any. */
  readonly registry?: RegistryPlace;
  /** Versions that came less long ago are never forgotten, seconds. */
  readonly graceSeconds?: number;
  /** Blobs that were of use less long ago are never deleted, milliseconds. */
  readonly blobGraceMs?: number;
  /** Runs git. */
  readonly guard: Guard;
  /** This process' environment, for git. */
  readonly env: Readonly<Record<string, string>>;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the program ends. */
  readonly signal: AbortSignal;
}

/** A repository's parts. */
export interface Parts extends Disposable {
  readonly repository: Repository;
  readonly sources: Sources;
  readonly upkeep: Upkeep;
  /** Where there is a registry. */
  readonly mirror: Mirror | undefined;
  readonly app: Hono;
}

/**
 * Opens the store and puts everything together. What it has can be served at once; nothing else runs yet.
 *
 * @throws Failure where the store cannot be used
 */
export async function openParts(options: PartsOptions): Promise<Parts> {
  const { archive, registry, clock, log, signal, kept, keepLast, graceSeconds, hookSecretFile } = options;
  const metrics = repositoryMetrics(options.metrics);
  const repository = await Repository.open({ folder: archive, clock, log, signal });
  storeMetrics(options.metrics, repository, clock);
  const garbage = new Garbage(repository, clock, options.blobGraceMs);
  const common = { repository, clock, log, metrics };
  const sources: Sources = new Sources({
    ...common,
    open: (name, spec) => sourceOf(name, spec, options),
    every: options.every,
    makeRoom: () => upkeep.makeRoom(signal),
  });
  const intakeOf = (source: string) => sources.intakeOf(source);
  const upkeep = new Upkeep({ ...common, garbage, kept, intakeOf, keepLast, graceSeconds });
  const poke = (source: string) => sources.poke(source);
  const mirror = registry &&
    new Mirror({ repository, registry: new RegistryClient(registry, clock), clock, log });
  const elsewhere = (digest: Digest) => mirror?.urlOf(digest);
  const app = repositoryApp(
    { repository, garbage, metrics, missed: () => upkeep.missed(), elsewhere },
    { secretFile: hookSecretFile, poke, clock, log, metrics },
  );
  return { repository, sources, upkeep, mirror, app, [Symbol.dispose]: () => repository[Symbol.dispose]() };
}

function sourceOf(name: string, spec: SourceSpec, options: PartsOptions): Source {
  const { scratch, secrets, guard, clock, env } = options;
  if (spec.kind === "dir") return new DirSource(spec.path, clock);
  return new GitSource({ spec, folder: join(scratch, name), secrets, guard, clock, env });
}
