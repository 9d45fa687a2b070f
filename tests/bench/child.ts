/**
 * Measured processes: each runs alone in a process of its own, so that nothing else is counted with it.
 *
 * @module
 */
import { join } from "node:path";
import { Guarded } from "../../scripts/cluster/process.ts";
import { v8Flags } from "../../scripts/program.ts";
import { until } from "../cluster/support/wait.ts";

const here = new URL(".", import.meta.url).pathname;

/** Longest that one answer may take, milliseconds. */
const patience = 120_000;

/** A script of this folder that measures when it is asked to. It ends with us at the latest. */
export class Child {
  readonly port: number;
  readonly #process: Guarded;

  private constructor(process: Guarded, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Starts a script that calls {@link answer}, and waits until it is ready. */
  static async start(script: string, args: readonly string[], folder: string): Promise<Child> {
    const process = await Guarded.start({
      command: Deno.execPath(),
      args: ["run", "-q", ...v8Flags, "-A", join(here, script), ...args],
      env: childEnvironment(),
      log: join(folder, `bench-${crypto.randomUUID().slice(0, 8)}.log`),
    });
    const port = await until(`${script} is ready`, () => {
      const said = /^ready (\d+)$/m.exec(process.output())?.[1];
      if (said === undefined && !process.alive) throw new Error(process.output());
      return said === undefined ? undefined : Number(said);
    });
    return new Child(process, port);
  }

  /** Has it do its work once. */
  async ask<T>(): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`, { signal: AbortSignal.timeout(patience) });
    if (!response.ok) throw new Error(`A measurement failed: ${await response.text()}`);
    return await response.json() as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
  }
}

/** What a process of Deno needs to find its cache. */
function childEnvironment(): Record<string, string> {
  const names = ["HOME", "DENO_DIR", "XDG_CACHE_HOME"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** The other side: does `work` for each request that comes. */
export function answer(work: () => unknown): void {
  const ready = ({ port }: Deno.NetAddr) =>
    void Deno.stdout.writeSync(new TextEncoder().encode(`ready ${port}\n`));
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ready,
    onError: (error) => new Response(String(error), { status: 500 }),
  }, async () => Response.json(await work()));
}
