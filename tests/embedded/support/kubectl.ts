/**
 * The kubectl of this machine, as its user runs it: with a home of its own.
 *
 * @module
 */
import { join } from "node:path";
import { until } from "../../cluster/support/wait.ts";

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Longest that a command may take, milliseconds. */
const limit = 60_000;

/** How to run a command. */
export interface RunOptions {
  /** What it reads. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Why there is no kubectl here; unset where there is one. */
export const missing: string | undefined = await find() ? undefined : "kubectl is not on PATH";

async function find(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("kubectl", { args: ["version", "--client"] }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** kubectl with one cluster and one namespace. */
export class Kubectl {
  readonly #kubeconfig: string;
  readonly #home: string;
  readonly namespace: string;

  /** @param home an existing folder for what kubectl keeps */
  constructor(kubeconfig: string, home: string, namespace: string) {
    this.#kubeconfig = kubeconfig;
    this.#home = home;
    this.namespace = namespace;
  }

  /** Runs a command and gives what it printed. `line` is split at spaces; `more` are further arguments. */
  async ok(line: string, more: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const { code, out, err } = await this.run(line, more, options);
    if (code !== 0) throw new Error(`kubectl ${line} ${more.join(" ")}: exit code ${code}: ${err}${out}`);
    return out;
  }

  /** Runs a command that must fail, and gives its words. */
  async refused(line: string, more: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const { code, out, err } = await this.run(line, more, options);
    if (code === 0) throw new Error(`kubectl ${line} ${more.join(" ")} was to be refused, and said: ${out}`);
    return err;
  }

  /** Runs a command to its end. */
  async run(line: string, more: readonly string[] = [], { input = "", env }: RunOptions = {}): Promise<Said> {
    const process = this.#command(line, more, { input, env }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { code, stdout, stderr } = await process.output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  }

  /** Runs a command that goes on until it is ended. */
  start(line: string, more: readonly string[] = []): Running {
    return new Running(`kubectl ${line}`, this.#command(line, more, {}).spawn());
  }

  #command(line: string, more: readonly string[], { env }: RunOptions): Deno.Command {
    return new Deno.Command("kubectl", {
      args: ["--namespace", this.namespace, ...line.split(" "), ...more],
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: this.#home,
        KUBECONFIG: this.#kubeconfig,
        KUBECACHEDIR: join(this.#home, "cache"),
        ...env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(limit),
    });
  }
}

/** A command that goes on. Dispose of it to end it. */
export class Running {
  readonly #name: string;
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #text = "";

  constructor(name: string, process: Deno.ChildProcess) {
    this.#name = name;
    this.#process = process;
    this.#reading = Promise.all([
      process.stdin.close(),
      this.#read(process.stdout),
      this.#read(process.stderr),
    ]);
  }

  /** What it has printed so far. */
  get text(): string {
    return this.#text;
  }

  /** Waits until it has printed something. */
  async says(what: RegExp): Promise<string> {
    try {
      return await until(`"${this.#name}" says ${what}`, () => what.test(this.#text) && this.#text);
    } catch (error) {
      throw new Error(`It said: ${this.#text}`, { cause: error });
    }
  }

  /** Waits until it ends by itself. */
  async end(): Promise<string> {
    await this.#process.status;
    await this.#reading;
    return this.#text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.end();
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#text += text;
  }
}
