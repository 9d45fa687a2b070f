/**
 * Processes and folders that never outlive this process, however it ends.
 *
 * @module
 */
import { type Clock, sleep } from "./clock.ts";
import { exitCode, Failure, messageOf } from "./failure.ts";

/** What to run. */
export interface Command {
  /** The program's path and its arguments. */
  readonly line: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder to run in. */
  readonly cwd: string;
  /** Takes what it prints, as it comes: each call's bytes are the receiver's to keep. */
  readonly output: (bytes: Uint8Array, stream: "stdout" | "stderr") => void;
}

/** How a process ended. */
export interface Exit {
  /** Its exit code; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  /** The signal that ended it, if one did. */
  readonly signal: Deno.Signal | undefined;
}

/**
 * A shell that is told of process groups and folders, a line each, and clears them away when the pipe closes:
 * at our end, even by SIGKILL, as the kernel then closes ours. It has a session of its own, so that no Ctrl-C
 * reaches it, and ignores what would end it before us.
 */
const keeper = `
trap '' TERM INT HUP
groups=" "
while IFS= read -r line; do
  rest=\${line#* }
  case $line in
    "guard "*) groups="$groups$rest " ;;
    "release "*) groups="\${groups%% "$rest" *} \${groups#* "$rest" }" ;;
    "remove "*) set -- "$@" "$rest" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
[ $# -eq 0 ] || rm -rf "$@" 2>/dev/null || { sleep 0.3; rm -rf "$@"; }
`;

/** Becomes the program once it may: when the keeper knows its group, and never where we ended before. */
const gate = 'read -r _ && unset PWD OLDPWD && exec "$@" </dev/null';

/** Longest wait for output after a process ended, milliseconds: what escaped its group may hold it. */
const lastWordsMs = 500;

const encoder = new TextEncoder();

/** Runs processes, each the leader of a group that ends with it, and ends all of them with this process. */
export class Guard {
  readonly #keeper: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #clock: Clock;

  private constructor(keeper: Deno.ChildProcess, clock: Clock) {
    this.#keeper = keeper;
    this.#orders = keeper.stdin.getWriter();
    this.#clock = clock;
  }

  /**
   * Starts to guard.
   *
   * @param path where the keeper finds `rm`, as in `PATH`
   */
  static start({ clock, path = "/usr/bin:/bin" }: { clock: Clock; path?: string }): Guard {
    const keeping = shell(["-c", keeper, "sh"], {
      env: { PATH: path },
      cwd: "/",
      stdout: "null",
      stderr: "null",
    });
    return new Guard(keeping, clock);
  }

  /** Has a folder and what is in it removed when this process is gone, or the guard closed. */
  async remove(folder: string): Promise<void> {
    if (!/^\/[^\n]+$/.test(folder)) {
      throw new Failure(
        `Cannot guard the folder ${JSON.stringify(folder)}: its path is not absolute.`,
        exitCode.couldNot,
      );
    }
    await this.#say(`remove ${folder}`);
  }

  /**
   * Starts a program in a process group of its own. Its standard input is empty.
   *
   * @throws Failure where it cannot be started at all, for instance in a folder that does not exist
   */
  async run({ line, env, cwd, output }: Command): Promise<GuardedProcess> {
    let child: Deno.ChildProcess;
    try {
      child = shell(["-c", gate, "sh", ...withOddNames(line, env)], {
        env,
        cwd,
        stdout: "piped",
        stderr: "piped",
      });
    } catch (cause) {
      throw new Failure(`Cannot run "${line[0]}" in "${cwd}": ${messageOf(cause)}`, exitCode.couldNot, {
        cause,
      });
    }
    const process = new Running(child, output, this.#clock);
    try {
      await this.#say(`guard ${child.pid}`);
      process.ended.then(() => this.#say(`release ${child.pid}`)).catch(() => {});
      const stdin = child.stdin.getWriter();
      await stdin.write(encoder.encode("\n"));
      await stdin.close();
    } catch (cause) {
      process.kill();
      throw new Failure(`Cannot run "${line[0]}": ${messageOf(cause)}`, exitCode.couldNot, { cause });
    }
    return process;
  }

  /** Ends what still runs, removes the guarded folders, and waits until that is done. */
  async close(): Promise<void> {
    await this.#orders.close().catch(() => {});
    await this.#keeper.status;
  }

  async #say(order: string): Promise<void> {
    await this.#orders.write(encoder.encode(`${order}\n`));
  }
}

/** A program that runs, or ran, under a {@linkcode Guard}. */
export interface GuardedProcess {
  /** The program's process id, which is its group's, too. */
  readonly pid: number;
  /** Resolves when the process and its group have ended and all that it printed was taken. Never rejects. */
  readonly ended: Promise<Exit>;
  /** Sends a signal to the program itself, as container runtimes do; nothing happens where it has ended. */
  signal(name: Deno.Signal): void;
  /** Ends the program and its children at once. */
  kill(): void;
}

class Running implements GuardedProcess {
  readonly pid: number;
  readonly ended: Promise<Exit>;
  readonly #child: Deno.ChildProcess;
  #gone = false;

  constructor(child: Deno.ChildProcess, output: Command["output"], clock: Clock) {
    this.#child = child;
    this.pid = child.pid;
    const late = new AbortController();
    const read = Promise.all([
      drain(child.stdout, (bytes) => output(bytes, "stdout"), late.signal),
      drain(child.stderr, (bytes) => output(bytes, "stderr"), late.signal),
    ]);
    this.ended = this.#end(read, late, clock);
  }

  signal(name: Deno.Signal): void {
    if (!this.#gone) send(this.pid, name);
  }

  kill(): void {
    if (!this.#gone) send(-this.pid, "SIGKILL");
  }

  async #end(read: Promise<unknown>, late: AbortController, clock: Clock): Promise<Exit> {
    const { code, signal } = await this.#child.status;
    // What the program left behind ends with it, as everything in a container ends with its first process.
    send(-this.pid, "SIGKILL");
    this.#gone = true;
    const waited = new AbortController();
    await Promise.race([read, sleep(clock, lastWordsMs, waited.signal)]);
    waited.abort();
    late.abort();
    await read;
    return { code, signal: signal ?? undefined };
  }
}

type ShellOptions = Pick<Deno.CommandOptions, "cwd" | "stdout" | "stderr"> & { readonly env: Command["env"] };

/** Starts a shell that leads a session, and so a process group, of its own. */
function shell(args: string[], { env, ...options }: ShellOptions): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args,
    clearEnv: true,
    env: { ...env },
    stdin: "piped",
    detached: true,
    ...options,
  }).spawn();
}

/** Shells pass on only variables that they could have themselves; others, as `app.mode`, are set by `env`. */
function withOddNames(line: readonly string[], env: Command["env"]): readonly string[] {
  const odd = Object.entries(env).filter(([name]) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd.length === 0) return line;
  // `env` would take a program whose path holds a "=" for one more variable: `nice` stands before it.
  const before = line[0]?.includes("=") ? ["/usr/bin/nice", "-n", "0"] : [];
  return ["/usr/bin/env", "--", ...odd.map(([name, value]) => `${name}=${value}`), ...before, ...line];
}

/** Reads a stream to its end, or until the signal aborts. */
async function drain(
  stream: ReadableStream<Uint8Array>,
  take: (bytes: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  const leave = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", leave);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) take(next.value);
  } catch {
    // A pipe that breaks has nothing more to say.
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

function send(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    // It ended by itself in this very moment, or has made itself somebody whom we may not end.
    const { NotFound, PermissionDenied } = Deno.errors;
    if (!(error instanceof NotFound || error instanceof PermissionDenied)) throw error;
  }
}
