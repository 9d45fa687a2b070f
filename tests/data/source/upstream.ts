/**
 * A git repository for tests to push to, and a clone to push from.
 *
 * @module
 */
import { dirname, join } from "node:path";

/** A bare repository in a folder of its own. */
export class Upstream implements AsyncDisposable {
  /** The folder that all of it is in. */
  readonly root: string;
  /** The bare repository. */
  readonly bare: string;
  readonly #work: string;

  private constructor(root: string) {
    this.root = root;
    this.bare = join(root, "upstream.git");
    this.#work = join(root, "work");
  }

  /** Makes an empty one. */
  static async create(): Promise<Upstream> {
    const upstream = new Upstream(await Deno.makeTempDir({ prefix: "autocrane-upstream-" }));
    await git(upstream.root, "init", "-q", "--bare", "-b", "main", upstream.bare);
    await git(upstream.root, "init", "-q", "-b", "main", "work");
    await upstream.git("remote", "add", "origin", upstream.bare);
    return upstream;
  }

  /** Runs git in the clone that pushes, and returns what it printed. */
  async git(...args: string[]): Promise<string> {
    return await git(this.#work, ...args);
  }

  /** Writes files (`undefined` deletes one), commits them, and returns the commit. */
  async commit(files: Readonly<Record<string, string | Uint8Array | undefined>>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.#work, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      if (content === undefined) await Deno.remove(path);
      else if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    await this.git("add", "-A");
    await this.git("commit", "-q", "--allow-empty", "-m", "change");
    return (await this.git("rev-parse", "HEAD")).trim();
  }

  /** {@link commit}, and pushes it. */
  async push(files: Readonly<Record<string, string | Uint8Array | undefined>>): Promise<string> {
    const commit = await this.commit(files);
    await this.git("push", "-q", "--force", "origin", "HEAD:main");
    return commit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Runs git in a folder, away from everybody's settings. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.autocrlf=false", ...args],
    cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`git ${args[0]}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
