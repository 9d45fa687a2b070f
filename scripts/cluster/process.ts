/**
 * Processes that never outlive the one that started them.
 *
 * @module
 */

/** What to run. */
export interface GuardedOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints is appended here. */
  readonly log: string;
  readonly cwd?: string;
}

/**
 * A shell that starts the program, says its pid, and ends it when our end of a pipe closes: at our end, however
 * that comes about.
 */
const guard = '"$@" >>"$GUARDED_LOG" 2>&1 & echo $!; cat >/dev/null; kill -KILL $! 2>/dev/null; wait $!';

/** A program that ends with us at the latest. */
export class Guarded {
  readonly pid: number;
  readonly log: string;
  readonly #shell: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(shell: Deno.ChildProcess, pid: number, log: string) {
    this.#shell = shell;
    this.#stdin = shell.stdin.getWriter();
    this.pid = pid;
    this.log = log;
  }

  /** Starts a program. */
  static async start({ command, args, env, log, cwd }: GuardedOptions): Promise<Guarded> {
    const shell = new Deno.Command("sh", {
      args: ["-c", guard, "sh", command, ...args],
      ...(env && { clearEnv: true }),
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", ...env, GUARDED_LOG: log },
      ...(cwd && { cwd }),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = shell.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    const pid = Number(new TextDecoder().decode(value).trim());
    if (!Number.isInteger(pid) || pid <= 0) {
      throw new Error(`Cannot start ${command}: the shell named no pid.`);
    }
    return new Guarded(shell, pid, log);
  }

  /** Whether the program still runs (a zombie does not). */
  get alive(): boolean {
    try {
      const stat = Deno.readTextFileSync(`/proc/${this.pid}/stat`);
      return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
    } catch {
      return false;
    }
  }

  /** Sends a signal to the program itself. */
  signal(name: Deno.Signal): void {
    if (this.alive) Deno.kill(this.pid, name);
  }

  /** What it printed so far. */
  output(): string {
    return Deno.readTextFileSync(this.log);
  }

  /** Ends it at once, whatever state it is in, and waits until it is gone. */
  async end(): Promise<void> {
    await this.#stdin.close().catch(() => {});
    await this.#shell.status;
  }

  /** Asks it to end and waits until it has; its exit code, or 128 and the signal's number. */
  async terminate(within: number = 15_000): Promise<number> {
    this.signal("SIGTERM");
    return await this.exit(within);
  }

  /** Waits until it has ended by itself; its exit code, or 128 and the signal's number. */
  async exit(within: number = 15_000): Promise<number> {
    const deadline = performance.now() + within;
    while (this.alive) {
      if (performance.now() > deadline) {
        await this.end();
        throw new Error(
          `Process ${this.pid} has not ended within ${within} ms. It printed:\n${this.output()}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.#stdin.close().catch(() => {});
    return (await this.#shell.status).code;
  }
}
