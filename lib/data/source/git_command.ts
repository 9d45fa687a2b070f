/**
 * Running git: for a limited time, with its whole process group ended after it, and with words of its failures
 * that may be shown.
 *
 * @module
 */
import { type Clock, within } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Guard, GuardedProcess } from "../../runtime/guard.ts";
import { oneLine } from "../../runtime/one_line.ts";
import { adviceFor } from "./git_advice.ts";
import { secretsIn, withoutSecrets } from "./scrub.ts";

/** git ended with another code than 0, or not in time. */
export class GitFailure extends Error {
  /** The class' name. */
  override readonly name = "GitFailure";
}

/** What every call of git for one upstream has in common. */
export interface GitOptions {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string>>;
  /** Where git runs. */
  readonly cwd: string;
  /** Secrets whose words are cut out of what git says; empty where there are none. */
  readonly credentialsFile: string;
}

/** One call. */
export interface GitCall {
  /** What follows `git`. */
  readonly args: readonly string[];
  /** What it is for, in words that follow "Cannot". */
  readonly purpose: string;
  readonly signal: AbortSignal;
  /** Longest it may take, milliseconds. */
  readonly limit: number;
  /** Variables beside those of every call. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Most bytes of standard output that are taken: an upstream decides how many refs it lists. */
const maxOutput = 4 * 2 ** 20;

/** Most bytes of standard error that are kept: the last ones, which say why. */
const maxErrors = 8 * 1024;

/** Most characters of a failure's words. */
const maxWords = 400;

/** git for one upstream. */
export class GitCommand {
  readonly #options: GitOptions;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /**
   * Runs git to its end.
   *
   * @returns what it printed
   * @throws GitFailure with clean words; the signal's reason where that aborted
   */
  async run({ args, purpose, signal, limit, env = {} }: GitCall): Promise<string> {
    const { guard, clock, cwd, credentialsFile } = this.#options;
    const said = new Said();
    const process = await guard.run({
      line: ["git", ...args],
      env: { ...this.#options.env, ...env },
      cwd,
      output: (bytes, stream) => {
        if (!said.take(bytes, stream)) process.kill();
      },
    });
    try {
      await within(clock, limit, signal, (signal) => untilEnded(process, signal));
    } catch (error) {
      signal.throwIfAborted();
      throw new GitFailure(`Cannot ${purpose}: git did not end (${messageOf(error)}).`, { cause: error });
    }
    const { code } = await process.ended;
    if (said.overflowed) throw new GitFailure(`Cannot ${purpose}: git printed more than ${maxOutput} bytes.`);
    if (code !== 0) throw new GitFailure(await this.#words(purpose, code, said.errors, credentialsFile));
    return said.output;
  }

  async #words(purpose: string, code: number, errors: string, credentialsFile: string): Promise<string> {
    const clean = withoutSecrets(errors, await secretsIn(credentialsFile));
    const lines = clean.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("warning:"));
    const said = oneLine(lines.slice(-4).join(" "), maxWords) || `git ended with code ${code}`;
    const advice = adviceFor(clean);
    return `Cannot ${purpose}: ${said}${advice && `. ${advice}`}`;
  }
}

/** Waits for the end; where the signal aborts first, the whole group is ended. */
async function untilEnded(process: GuardedProcess, signal: AbortSignal): Promise<void> {
  const end = () => process.kill();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    await process.ended;
  } finally {
    signal.removeEventListener("abort", end);
  }
  signal.throwIfAborted();
}

/** What a process printed: the beginning of its output, the end of its errors. */
class Said {
  overflowed = false;
  #output: Uint8Array[] = [];
  #size = 0;
  #errors = new Uint8Array();

  /** Takes bytes; `false` once they are too many. */
  take(bytes: Uint8Array, stream: "stdout" | "stderr"): boolean {
    if (stream === "stderr") {
      const all = new Uint8Array(this.#errors.length + bytes.length);
      all.set(this.#errors);
      all.set(bytes, this.#errors.length);
      this.#errors = all.slice(-maxErrors);
      return true;
    }
    this.#size += bytes.length;
    this.overflowed ||= this.#size > maxOutput;
    if (!this.overflowed) this.#output.push(bytes);
    return !this.overflowed;
  }

  get output(): string {
    const decoder = new TextDecoder();
    return this.#output.map((bytes) => decoder.decode(bytes, { stream: true })).join("") + decoder.decode();
  }

  get errors(): string {
    return new TextDecoder().decode(this.#errors);
  }
}
