/**
 * A clone in the scratch folder, and its working tree: made anew where they are broken, changed as little as can
 * be where they are not.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type GitCommand, GitFailure } from "./git_command.ts";
import { isCommit } from "./remote_ref.ts";

/** What one clone is of, and where. */
export interface CloneOptions {
  readonly git: GitCommand;
  /** The folder of the clone (`git`) and of its working tree (`tree`); nobody else writes there. */
  readonly folder: string;
  /** The upstream: a clone of another one is not taken over. */
  readonly url: string;
  /** The folder in the repository that becomes the tree; empty for all of it. */
  readonly path: string;
}

/** Longest that fetching may take, milliseconds. One that stalls ends long before. */
const fetchLimit = 3_600_000;

/** Longest that what needs no network may take, milliseconds. */
const localLimit = 1_800_000;

/** Where the fetched commit is kept, so that the next fetch tells the upstream of it. */
const current = "refs/autocrane/current";

/**
 * Attributes of git's own file win over the tree's: no end of line, no `$Id$`, no encoding and no filter (as LFS'
 * one) changes what was committed.
 */
const asCommitted = "* -text !eol -crlf -ident -filter !working-tree-encoding\n";

/** Partial clones are made anew after so many fetches: git never drops what they once fetched. */
const maxPartialFetches = 500;

/** Fetches after which git is asked whether it should clean up. */
const collectEvery = 16;

/** What a SIGKILL may leave in a clone, beside what is whole: locks, unfinished objects and packs, gc's own note. */
const leftover = /^tmp_|^\.tmp-|\.lock$|^gc\.pid$/;

/** One clone. Its methods are called one at a time. */
export class GitClone {
  /** The folder of the working tree. */
  readonly tree: string;
  readonly #options: CloneOptions;
  readonly #dir: string;
  /** Stands while the working tree is being changed. */
  readonly #unfinished: string;
  /** The clone's attributes, which tell what it is a clone of as well. A clone without their file is none. */
  readonly #attributes: string;
  readonly #attributesFile: string;
  #tidied = false;
  /** The commit at {@link current}, where it is known. */
  #current: string | undefined;
  #fetches = 0;

  constructor(options: CloneOptions) {
    this.#options = options;
    this.#dir = join(options.folder, "git");
    this.#attributesFile = join(this.#dir, "info", "attributes");
    this.tree = join(options.folder, "tree");
    this.#unfinished = join(options.folder, "unfinished");
    const of = createHash("sha256").update(`${options.url}\n${options.path}`).digest("hex");
    this.#attributes = `# A clone of ${of}.\n${asCommitted}`;
  }

  /** Makes the clone ready for a commit whose name is as long as `commit`. */
  async open(commit: string, signal: AbortSignal): Promise<void> {
    if (!this.#tidied) await this.#tidy();
    if (this.#options.path && this.#fetches >= maxPartialFetches) await this.discard();
    if (await Deno.readTextFile(this.#attributesFile).catch(() => "") === this.#attributes) return;
    await this.discard();
    await Deno.mkdir(this.#dir, { recursive: true });
    await this.#git(
      [
        "init",
        "--bare",
        "--quiet",
        "--template=",
        ...(commit.length === 64 ? ["--object-format=sha256"] : []),
      ],
      "make a clone",
      signal,
    );
    await Deno.mkdir(join(this.#dir, "info"), { recursive: true });
    // It is written last: what was killed before is begun anew.
    await Deno.writeTextFile(this.#attributesFile, this.#attributes);
  }

  /** Whether the clone has just this commit. */
  async has(commit: string, signal: AbortSignal): Promise<boolean> {
    try {
      this.#current ??= await this.resolve(current, signal);
      return this.#current === commit;
    } catch (error) {
      if (error instanceof GitFailure) return false;
      throw error;
    }
  }

  /** The commit that a name of this clone means. */
  async resolve(name: string, signal: AbortSignal): Promise<string> {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
    return (await this.#git(args, `find a commit ${name}`, signal)).trim();
  }

  /**
   * Fetches into the clone: the newest commit of `what` alone, or everything.
   *
   * @param what a commit or a ref's whole name; `undefined` for all branches and tags with their history
   */
  async fetch(what: string | undefined, signal: AbortSignal): Promise<void> {
    const refs = what === undefined
      ? ["+refs/heads/*:refs/autocrane/heads/*", "+refs/tags/*:refs/autocrane/tags/*"]
      : [`+${what}:${current}`];
    // All but endless is git's own word for the whole history, whatever the clone has yet.
    const depth = what === undefined ? "--depth=2147483647" : "--depth=1";
    // A subfolder's files are a small part of all: they alone are fetched, when they are written.
    const filter = this.#options.path ? ["--filter=blob:none"] : [];
    const flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--force"];
    this.#fetches++;
    this.#current = undefined;
    await this.#git(
      ["fetch", ...flags, depth, ...filter, "--", "origin", ...refs],
      "fetch from the upstream",
      signal,
      fetchLimit,
    );
    if (what !== undefined && isCommit(what)) this.#current = what;
  }

  /** Makes `commit` the one that the next fetch starts from, after everything was fetched. */
  async keep(commit: string, signal: AbortSignal): Promise<void> {
    await this.#git(["update-ref", current, commit], "note a commit", signal);
    this.#current = commit;
  }

  /** Makes the working tree what `commit` has in the folder. Only files that differ are touched. */
  async checkout(commit: string, signal: AbortSignal): Promise<void> {
    await this.#needFolder(commit, signal);
    if (await exists(this.#unfinished)) await this.#forgetTree();
    await Deno.mkdir(this.tree, { recursive: true });
    await Deno.writeTextFile(this.#unfinished, "");
    const { path } = this.#options;
    await this.#git(
      ["read-tree", "--reset", "-u", path ? `${commit}:${path}` : `${commit}^{tree}`],
      "write the files",
      signal,
      // What a partial clone lacks is fetched now.
      fetchLimit,
    );
    await Deno.remove(this.#unfinished);
  }

  /** When a commit was made, seconds since 1970. */
  async timeOf(commit: string, signal: AbortSignal): Promise<number> {
    const args = ["log", "-1", "--format=%ct", "--end-of-options", commit];
    // A clock that is wrong may have made a commit before 1970.
    return Math.max(0, Number((await this.#git(args, "read the commit", signal)).trim()) || 0);
  }

  /**
   * Drops commits that are of no use any more, where they are many. Called after each fetch, it looks now and then.
   * A clone that cannot be cleaned up has lost something: the tree is whole, and the next {@link open} clones anew.
   */
  async collect(signal: AbortSignal): Promise<void> {
    if (this.#fetches % collectEvery !== 0) return;
    try {
      await this.#git(["gc", "--auto", "--quiet"], "clean up the clone", signal);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      await remove(this.#attributesFile);
    }
  }

  /** Whether every object that should be there is. */
  async sound(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#git(
        ["fsck", "--connectivity-only", "--no-dangling", "--no-progress"],
        "check the clone",
        signal,
      );
      return true;
    } catch (error) {
      if (error instanceof GitFailure) return false;
      throw error;
    }
  }

  /** Removes the clone and its tree. */
  async discard(): Promise<void> {
    this.#fetches = 0;
    this.#current = undefined;
    await this.#forgetTree();
    await remove(this.#dir);
  }

  /** Without tree and index every file is written again. */
  async #forgetTree(): Promise<void> {
    await Deno.mkdir(this.#options.folder, { recursive: true });
    await remove(join(this.#dir, "index"));
    await remove(this.tree);
    await remove(this.#unfinished);
  }

  async #needFolder(commit: string, signal: AbortSignal): Promise<void> {
    const { path } = this.#options;
    if (!path) return;
    const args = ["ls-tree", "-d", "--format=%(objecttype)", "--end-of-options", commit, "--", path];
    const found = await this.#git(args, "look for the folder", signal, fetchLimit);
    if (found.trim() !== "tree") throw new GitFailure(`Cannot find a folder "${path}" in commit ${commit}.`);
  }

  /** Nobody else works here, so what is unfinished was left by a process that is gone. */
  async #tidy(): Promise<void> {
    if (await exists(this.#dir)) await removeLeftovers(this.#dir);
    this.#tidied = true;
  }

  async #git(args: string[], purpose: string, signal: AbortSignal, limit = localLimit): Promise<string> {
    const env = { GIT_DIR: this.#dir, ...(args[0] === "read-tree" && { GIT_WORK_TREE: this.tree }) };
    return await this.#options.git.run({ args, purpose, signal, limit, env });
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (leftover.test(name)) await remove(path);
    else if (isDirectory) await removeLeftovers(path);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
