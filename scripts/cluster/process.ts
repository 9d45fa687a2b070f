/**
 * Processes that never outlive the one that started them, and write what they print to a file.
 *
 * @module
 */
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { type Exit, Guard, type GuardedProcess } from "../../lib/runtime/guard.ts";

/** What to run. */
export interface GuardedOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; without it, ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints is appended here. */
  readonly log: string;
  readonly cwd?: string;
}

/** A program that ends with us at the latest. */
export class Guarded {
  readonly pid: number;
  readonly log: string;
  readonly #guard: Guard;
  readonly #process: GuardedProcess;
  readonly #ended: Promise<Exit>;
  #gone = false;

  private constructor(guard: Guard, process: GuardedProcess, log: string, file: Deno.FsFile) {
    this.#guard = guard;
    this.#process = process;
    this.pid = process.pid;
    this.log = log;
    this.#ended = process.ended.then(async (exit) => {
      this.#gone = true;
      file.close();
      await guard.close();
      return exit;
    });
  }

  /** Starts a program. */
  static async start({ command, args, env, log, cwd = Deno.cwd() }: GuardedOptions): Promise<Guarded> {
    const guard = Guard.start({ clock });
    const file = await Deno.open(log, { append: true, create: true });
    const process = await guard.run({
      line: [command, ...args],
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", ...(env ?? Deno.env.toObject()) },
      cwd,
      output: (bytes) => writeAll(file, bytes),
    });
    return new Guarded(guard, process, log, file);
  }

  /** Whether the program still runs. */
  get alive(): boolean {
    return !this.#gone;
  }

  /** Sends a signal to the program itself. */
  signal(name: Deno.Signal): void {
    this.#process.signal(name);
  }

  /** What it printed so far. */
  output(): string {
    return Deno.readTextFileSync(this.log);
  }

  /** Ends it at once, whatever state it is in, and waits until it is gone. */
  async end(): Promise<void> {
    this.#process.kill();
    await this.#ended;
  }

  /** Asks it to end and waits until it has; its exit code, or 128 and the signal's number. */
  async terminate(within: number = 15_000): Promise<number> {
    this.signal("SIGTERM");
    return await this.exit(within);
  }

  /** Waits until it has ended by itself; its exit code, or 128 and the signal's number. */
  async exit(within: number = 15_000): Promise<number> {
    let late = false;
    const cancel = clock.after(within, () => {
      late = true;
      this.#process.kill();
    });
    const { code } = await this.#ended;
    cancel();
    if (!late) return code;
    throw new Error(
      `Process ${this.pid} has not ended within ${within} ms. It printed:\n${this.output()}`,
    );
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let left = bytes; left.length > 0;) left = left.subarray(file.writeSync(left));
}
