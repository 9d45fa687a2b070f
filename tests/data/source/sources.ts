/**
 * Git sources as tests have them: in a scratch folder of their own, with a guard that ends what they started.
 *
 * @module
 */
import { parseSourceSpec } from "../../../lib/contract/source_spec.ts";
import { GitSource } from "../../../lib/data/source/git_source.ts";
import type { GitSecrets } from "../../../lib/data/source/git_environment.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { Guard } from "../../../lib/runtime/guard.ts";

/** No secrets. */
export const noSecrets: GitSecrets = { credentialsFile: "", sshKeyFile: "", knownHostsFile: "" };

/** Never aborts. */
export const calm = new AbortController().signal;

/** A scratch folder and a guard for the sources of one test. */
export class Sources implements AsyncDisposable {
  /** The scratch folder. */
  readonly folder: string;
  readonly #guard: Guard;

  private constructor(folder: string) {
    this.folder = folder;
    this.#guard = Guard.start({ clock: systemClock });
  }

  static async create(): Promise<Sources> {
    return new Sources(await Deno.makeTempDir({ prefix: "autocrane-sources-" }));
  }

  /** A source by its spec. Two of one name share their clone, as one before and after a restart would. */
  git(
    spec: string,
    { name = "source", secrets = noSecrets, env = {} }: {
      name?: string;
      secrets?: GitSecrets;
      env?: Record<string, string>;
    } = {},
  ): GitSource {
    const parsed = parseSourceSpec(spec);
    if ("problem" in parsed || parsed.kind !== "git") throw new Error(`${spec} is no git source`);
    return new GitSource({
      spec: parsed,
      folder: `${this.folder}/${name}`,
      secrets,
      guard: this.#guard,
      clock: systemClock,
      env: { PATH: Deno.env.get("PATH")!, ...env },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#guard.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Looks and fetches. */
export async function newest(source: GitSource): ReturnType<GitSource["fetch"]> {
  return await source.fetch(await source.look(calm), calm);
}

/** The files of a folder with their content, by path. */
export async function filesIn(folder: string, under = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(`${folder}/${under}`)) {
    const path = under + name;
    if (isDirectory) Object.assign(files, await filesIn(folder, `${path}/`));
    else if (isSymlink) files[path] = `-> ${await Deno.readLink(`${folder}/${path}`)}`;
    else files[path] = await Deno.readTextFile(`${folder}/${path}`);
  }
  return files;
}

/** Bytes of all files in a folder. */
export async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    size += isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return size;
}
