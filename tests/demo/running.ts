/**
 * The demo as people run it, and what it leaves on the machine.
 *
 * @module
 */
import { join } from "node:path";
import { until } from "../cluster/support/wait.ts";

const script = new URL("../../scripts/demo.ts", import.meta.url).pathname;

/** A demo that runs, with a folder for temporary files of its own. */
export class Demo {
  readonly folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  #printed = "";

  private constructor(folder: string, args: readonly string[]) {
    this.folder = folder;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", script, ...args],
      env: { TMPDIR: folder, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const decoder = new TextDecoder();
    const take = async (stream: ReadableStream<Uint8Array>) => {
      for await (const bytes of stream) this.#printed += decoder.decode(bytes, { stream: true });
    };
    this.#read = Promise.all([take(this.#child.stdout), take(this.#child.stderr)]);
  }

  static async start(...args: string[]): Promise<Demo> {
    return new Demo(await Deno.makeTempDir({ prefix: "autocrane-demo-test-" }), args);
  }

  /** What it printed so far. */
  get printed(): string {
    return this.#printed;
  }

  /** Waits until it has printed this; what it matched. */
  async says(words: RegExp, within: number = 60_000): Promise<RegExpExecArray> {
    try {
      return await until(`it says ${words}`, () => words.exec(this.#printed) ?? undefined, within);
    } catch (cause) {
      throw new Error(`It never said ${words}. It printed:\n${this.#printed}`, { cause });
    }
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Waits for its end; its exit code. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#read;
    return code;
  }

  /** What it left: files in its folder, and processes of its pods. */
  async leftovers(): Promise<string[]> {
    const files = await Array.fromAsync(Deno.readDir(this.folder), ({ name }) => `file ${name}`);
    return [...files, ...await this.#processes()];
  }

  /** Removes what it may have left, whatever the test found. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended();
    await until("nothing is left", async () => (await this.#processes()).length === 0, 10_000).catch(
      () => {},
    );
    await Deno.remove(this.folder, { recursive: true });
  }

  /** Pods' processes have their folders, below the demo's, in their environments. */
  async #processes(): Promise<string[]> {
    const found: string[] = [];
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name) || name === String(this.#child.pid)) continue;
      const environment = await Deno.readTextFile(join("/proc", name, "environ")).catch(() => "");
      if (environment.includes(this.folder)) found.push(`process ${name}`);
    }
    return found;
  }
}
