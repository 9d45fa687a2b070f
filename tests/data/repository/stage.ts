/**
 * A repository in this process, over folders of its own, with an upstream to push to.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import type { Hono } from "hono";
import { type CataloguedSource, parseCatalogue } from "../../../lib/contract/data_catalogue.ts";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { sourceFollower } from "../../../lib/data/repository/follow.ts";
import type { KeptReader } from "../../../lib/data/repository/kept.ts";
import { openParts, type Parts } from "../../../lib/data/repository/parts.ts";
import type { RegistryPlace } from "../../../lib/data/repository/registry_client.ts";
import { type Clock, systemClock } from "../../../lib/runtime/clock.ts";
import { Guard } from "../../../lib/runtime/guard.ts";
import type { Log } from "../../../lib/runtime/log.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { until } from "../../cluster/support/wait.ts";
import { silentLog } from "../../support/silent_log.ts";
import { noSecrets } from "../source/sources.ts";
import { Upstream } from "../source/upstream.ts";

/** What a test may want otherwise. */
export interface StageOptions {
  readonly keepLast?: number;
  readonly kept?: KeptReader;
  readonly every?: number;
  readonly graceSeconds?: number;
  readonly blobGraceMs?: number;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Where the store is, in place of a folder of its own. */
  readonly archive?: string;
  readonly registry?: RegistryPlace;
}

/** The secret of hooks. */
export const hookSecret = "only the tests know";

/** A repository and its upstream. */
export class Stage implements AsyncDisposable {
  readonly upstream: Upstream;
  readonly root: string;
  readonly registry = new Registry();
  readonly #options: StageOptions;
  #parts: Parts | undefined;
  #guard: Guard | undefined;
  #end = new AbortController();

  private constructor(upstream: Upstream, options: StageOptions) {
    this.upstream = upstream;
    this.root = upstream.root;
    this.#options = options;
  }

  /** Starts a repository that follows nothing yet. */
  static async start(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(await Upstream.create(), options);
    await Deno.writeTextFile(stage.secretFile, `${hookSecret}\n`);
    await stage.open();
    return stage;
  }

  get secretFile(): string {
    return `${this.root}/hook-secret`;
  }

  get archive(): string {
    return this.#options.archive ?? `${this.root}/archive`;
  }

  get parts(): Parts {
    return this.#parts!;
  }

  get app(): Hono {
    return this.parts.app;
  }

  /** Opens it, again after {@link close}. */
  async open(): Promise<void> {
    const { keepLast = 10, kept, every = 3_600_000, log = silentLog, clock = systemClock } = this.#options;
    this.#end = new AbortController();
    this.#guard = Guard.start({ clock: systemClock });
    this.registry.clear();
    this.#parts = await openParts({
      archive: this.archive,
      scratch: `${this.root}/scratch`,
      every,
      keepLast,
      hookSecretFile: this.secretFile,
      secrets: noSecrets,
      kept,
      registry: this.#options.registry,
      graceSeconds: this.#options.graceSeconds ?? -1,
      blobGraceMs: this.#options.blobGraceMs ?? -1,
      guard: this.#guard,
      env: { PATH: Deno.env.get("PATH")! },
      metrics: this.registry,
      clock,
      log,
      signal: this.#end.signal,
    });
  }

  /** Ends it as SIGTERM would. Does nothing where it is closed already. */
  async close(): Promise<void> {
    if (!this.#parts) return;
    this.#end.abort(new Error("the test is over"));
    await this.parts.sources.ended();
    this.parts[Symbol.dispose]();
    await this.#guard!.close();
    this.#parts = undefined;
  }

  /** Asks it to end, without waiting for it. */
  end(): void {
    this.#end.abort(new Error("the test is over"));
  }

  /** Follows sources: `name:spec;name:spec`, `UPSTREAM` standing for the upstream's path. */
  follow(setting: string, annotations: Readonly<Record<string, string>> = {}): void {
    const filled = setting.replaceAll("UPSTREAM", this.upstream.bare);
    const log = this.#options.log ?? silentLog;
    sourceFollower(this.parts.sources, filled, { log, signal: this.#end.signal })(annotations);
  }

  /** A source as `/.manifest` tells it. */
  async source(name: string): Promise<CataloguedSource | undefined> {
    const catalogue = parseCatalogue(await (await this.app.request("/.manifest")).text());
    if ("problem" in catalogue) throw new Error(catalogue.problem);
    return catalogue.get(name);
  }

  /** Waits until a source's newest version is of this commit, and returns it. */
  async version(name: string, commit: string): Promise<DataVersion> {
    return await until(`${name} has ${commit}`, async () => {
      const newest = (await this.source(name))?.versions.at(-1);
      return newest?.path.includes(commit) ? newest : undefined;
    });
  }

  /** Pushes, tells the repository, and waits for the version. */
  async push(files: Parameters<Upstream["push"]>[0], source = "s"): Promise<DataVersion> {
    const commit = await this.upstream.push(files);
    this.parts.sources.poke(source);
    return await this.version(source, commit);
  }

  /** Calls a hook with a signature of the body. */
  async hook(source: string, headers: Record<string, string> = signed("{}"), body = "{}"): Promise<Response> {
    return await this.app.request(`/hooks/${source}`, { method: "POST", headers, body });
  }

  /** A metric's line in Prometheus' text, without its name. */
  async metric(name: string): Promise<string | undefined> {
    const lines = (await this.registry.metrics()).split("\n");
    return lines.find((line) => line.startsWith(`autocrane_datarepo_${name} `))?.split(" ")[1];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.upstream[Symbol.asyncDispose]();
  }
}

/** Headers that sign a body. */
export function signed(body: string, secret = hookSecret): Record<string, string> {
  return { "x-autocrane-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}
