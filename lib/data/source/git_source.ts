/**
 * `git:` sources, by the git binary.
 *
 * @module
 */
import { join } from "node:path";
import type { SourceSpec } from "../../contract/source_spec.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Guard } from "../../runtime/guard.ts";
import { GitClone } from "./git_clone.ts";
import { GitCommand, GitFailure } from "./git_command.ts";
import { gitEnvironment, type GitSecrets } from "./git_environment.ts";
import { findRef, isCommit, mayAbbreviateCommit, patternsFor } from "./remote_ref.ts";
import type { FetchedTree, Source } from "./source.ts";

/** A `git:` upstream. */
export type GitSpec = Extract<SourceSpec, { kind: "git" }>;

/** What a git source needs. */
export interface GitSourceOptions {
  readonly spec: GitSpec;
  /** A folder of its own in the scratch folder. */
  readonly folder: string;
  readonly secrets: GitSecrets;
  readonly guard: Guard;
  readonly clock: Clock;
  /** This process' environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Longest that listing the upstream's refs may take, milliseconds. */
const lookLimit = 60_000;

/** A git upstream. */
export class GitSource implements Source {
  /** Any commit can be asked for. */
  readonly hasCommits = true;
  readonly #options: GitSourceOptions;
  readonly #git: GitCommand;
  readonly #clone: GitClone;
  readonly #home: string;
  /** The name at the upstream of what was seen last: a server that gives no commit by its hash gives this. */
  #refName: string | undefined;

  constructor(options: GitSourceOptions) {
    const { spec, folder, secrets, guard, clock, env } = options;
    this.#options = options;
    this.#home = join(folder, "home");
    this.#git = new GitCommand({
      guard,
      clock,
      env: gitEnvironment({ url: spec.url, secrets, home: this.#home, env }),
      cwd: this.#home,
      credentialsFile: secrets.credentialsFile,
    });
    this.#clone = new GitClone({ git: this.#git, folder, url: spec.url, path: spec.path });
  }

  /** The commit that the upstream's ref names now. A commit's whole name is not asked for: it never moves. */
  async look(signal: AbortSignal): Promise<string> {
    const { ref } = this.#options.spec;
    if (ref !== undefined && isCommit(ref)) return ref;
    await this.#prepare();
    const args = ["ls-remote", "--quiet", "--", "origin", ...patternsFor(ref)];
    const listed = await this.#git.run({ args, purpose: "ask the upstream", signal, limit: lookLimit });
    const found = findRef(listed, ref);
    this.#refName = found?.name;
    if (found) return found.commit;
    if (ref !== undefined && mayAbbreviateCommit(ref)) return ref;
    throw new GitFailure(
      ref === undefined
        ? "Cannot find the upstream's default branch: is the repository empty? A ref after # names another one."
        : `Cannot find a branch or tag "${ref}" at the upstream.`,
    );
  }

  /** Brings a commit into the working tree: it takes no longer than what changed since the last one. */
  async fetch(revision: string, signal: AbortSignal): Promise<FetchedTree> {
    await this.#prepare();
    const commit = await this.#bringOrAnew(revision, signal);
    const tree = {
      folder: this.#clone.tree,
      commit,
      time: await this.#clone.timeOf(commit, signal),
      still: true,
    };
    await this.#clone.collect(signal);
    return tree;
  }

  /** A clone that is broken in whatever way is made anew, once; one that is sound is not to blame. */
  async #bringOrAnew(revision: string, signal: AbortSignal): Promise<string> {
    try {
      return await this.#bring(revision, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (await this.#clone.sound(signal)) throw error;
      await this.#clone.discard();
      return await this.#bring(revision, signal);
    }
  }

  async #bring(revision: string, signal: AbortSignal): Promise<string> {
    await this.#clone.open(revision, signal);
    const commit = await this.#obtain(revision, signal);
    await this.#clone.checkout(commit, signal);
    return commit;
  }

  async #obtain(revision: string, signal: AbortSignal): Promise<string> {
    if (!isCommit(revision)) return await this.#fromEverything(revision, signal);
    if (await this.#clone.has(revision, signal)) return revision;
    try {
      await this.#clone.fetch(revision, signal);
      return revision;
    } catch (error) {
      if (!(error instanceof GitFailure) || !refusedByHash(error)) throw error;
    }
    if (this.#refName !== undefined) {
      await this.#clone.fetch(this.#refName, signal);
      // The ref may have moved on since it was seen.
      if (await this.#clone.has(revision, signal)) return revision;
    }
    return await this.#fromEverything(revision, signal);
  }

  /** For servers that give no single commit, and for the beginnings of commits' names. */
  async #fromEverything(revision: string, signal: AbortSignal): Promise<string> {
    await this.#clone.fetch(undefined, signal);
    const commit = await this.#clone.resolve(revision, signal);
    await this.#clone.keep(commit, signal);
    return commit;
  }

  async #prepare(): Promise<void> {
    const { spec, secrets } = this.#options;
    if (spec.url.startsWith("ssh:") && !secrets.knownHostsFile) {
      throw new GitFailure(
        "Cannot use ssh without known hosts: mount a file with the host's key and name it in DataRepo__KnownHostsFile.",
      );
    }
    await Deno.mkdir(this.#home, { recursive: true });
  }
}

/** Servers say it in these words; see git's upload-pack.c. */
function refusedByHash(error: Error): boolean {
  return /unadvertised object|not our ref|does not allow request/i.test(error.message);
}
