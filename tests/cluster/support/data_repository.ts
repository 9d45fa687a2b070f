/**
 * The data repository as a process: at an address of its own, which it keeps when it is started again.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { type CataloguedSource, parseCatalogue } from "../../../lib/contract/data_catalogue.ts";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import type { Program } from "./program.ts";
import { until } from "./wait.ts";

/** Where a repository is, and what it serves. */
export interface RepositoryOptions {
  /** Starts the program with these arguments and this environment. */
  readonly run: (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<Program>;
  /** The address that it listens on. */
  readonly address: string;
  /** A folder for all that it keeps. */
  readonly folder: string;
  /** Specs of its sources by their names. */
  readonly sources: Readonly<Record<string, string>>;
  /** Further settings. */
  readonly args?: readonly string[];
}

/** What pushes are signed with. */
const hookSecret = "only the tests know";

/** A repository that looks at its upstreams when it is told of a push, and by itself only after minutes. */
export class Repository {
  readonly url: string;
  readonly #options: RepositoryOptions;
  #program: Program;

  private constructor(options: RepositoryOptions, program: Program) {
    this.#options = options;
    this.#program = program;
    this.url = urlOf(options);
  }

  /** Starts a repository and waits until it answers. */
  static async start(options: RepositoryOptions): Promise<Repository> {
    await Deno.writeTextFile(join(options.folder, "hook"), hookSecret, { mode: 0o600 });
    return new Repository(options, await run(options));
  }

  /** The process as it is now. */
  get program(): Program {
    return this.#program;
  }

  /** Ends it; its folder stays. */
  async stop(): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  /** Starts it again with what it had. */
  async restart(): Promise<void> {
    this.#program = await run(this.#options);
  }

  /** Tells it of a push, as whoever knows `secret`; the answer's HTTP status. */
  async poke(source: string, secret: string = hookSecret): Promise<number> {
    const body = JSON.stringify({ ref: "refs/heads/main" });
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const answer = await fetch(`${this.url}/hooks/${source}`, {
      method: "POST",
      headers: { "X-AutoCrane-Signature": `sha256=${signature}` },
      body,
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    return answer.status;
  }

  /** A source as the repository tells it. */
  async source(name: string): Promise<CataloguedSource> {
    const answer = await fetch(`${this.url}/.manifest`, { signal: AbortSignal.timeout(10_000) });
    const catalogue = parseCatalogue(await answer.text());
    if ("problem" in catalogue) throw new Error(`${this.url}/.manifest ${catalogue.problem}`);
    return catalogue.get(name) ?? { versions: [] };
  }

  /** The newest version of a source; `undefined` where it has none. */
  async newest(name: string): Promise<DataVersion | undefined> {
    return (await this.source(name)).versions.at(-1);
  }
}

/** Where everybody finds the repository. */
function urlOf({ address }: RepositoryOptions): string {
  return `http://${address}:8080`;
}

async function run(options: RepositoryOptions): Promise<Program> {
  const { address, folder, sources, args = [] } = options;
  const settings = [
    `--DataRepo:Sources=${Object.entries(sources).map(([name, spec]) => `${name}:${spec}`).join(";")}`,
    `--DataRepo:SourcePath=${join(folder, "source")}`,
    `--DataRepo:ArchivePath=${join(folder, "archive")}`,
    `--DataRepo:HookSecretFile=${join(folder, "hook")}`,
    "--DataRepo:PollSeconds=600",
    ...args,
  ];
  const program = await options.run(settings, { LISTEN_HOST: address, LISTEN_PORT: "8080" });
  await until("the repository answers", async () => {
    if (!program.process.alive) throw new Error(program.process.output());
    const answer = await fetch(`${urlOf(options)}/ping`, { signal: AbortSignal.timeout(1000) });
    await answer.body?.cancel();
    return answer.ok;
  });
  return program;
}
