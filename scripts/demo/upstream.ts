/**
 * Where the demo's data comes from: a git repository that people push to, or a folder where there is no git.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { exitCode, Failure } from "../../lib/runtime/failure.ts";

/** An upstream of data. */
export interface Upstream {
  /** As the repository is told of it: `git:...` or `dir:...`. */
  readonly spec: string;
  /**
   * Publishes a release.
   *
   * @returns what was done, as a command
   */
  publish(release: string, files: ReadonlyMap<string, string>): Promise<string>;
}

/** Makes an upstream inside `folder`. */
export async function createUpstream(folder: string): Promise<Upstream> {
  const work = join(folder, "catalog");
  await Deno.mkdir(work);
  return await hasGit() ? await gitUpstream(folder, work) : folderUpstream(work);
}

async function gitUpstream(folder: string, work: string): Promise<Upstream> {
  const bare = join(folder, "catalog.git");
  await git(folder, "init", "-q", "--bare", "-b", "main", bare);
  await git(work, "init", "-q", "-b", "main");
  await git(work, "remote", "add", "origin", bare);
  return {
    spec: `git:${bare}#main`,
    async publish(release, files) {
      await write(work, files);
      await git(work, "add", "-A");
      await git(work, "commit", "-q", "-m", release);
      await git(work, "push", "-q", "origin", "main");
      return `git commit -m "${release}" && git push`;
    },
  };
}

function folderUpstream(work: string): Upstream {
  return {
    spec: `dir:${work}`,
    async publish(release, files) {
      await write(work, files);
      return `cp -r "${release}"/* ${work}    # there is no git here: a folder takes its place`;
    },
  };
}

async function write(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
}

async function hasGit(): Promise<boolean> {
  try {
    return (await new Deno.Command("git", { args: ["--version"], stdout: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Runs git as somebody, whatever this machine's own settings say. */
async function git(cwd: string, ...args: string[]): Promise<void> {
  const who = { NAME: "demo", EMAIL: "demo@localhost" };
  const { success, stderr } = await new Deno.Command("git", {
    args,
    cwd,
    stdin: "null",
    env: {
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      ...Object.fromEntries(
        Object.entries(who).flatMap((
          [key, value],
        ) => [[`GIT_AUTHOR_${key}`, value], [`GIT_COMMITTER_${key}`, value]]),
      ),
    },
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Failure(`Cannot run git ${args[0]} for the demo's data: ${said}`, exitCode.couldNot);
}
