/**
 * AutoCrane's programs as users run them: a process each, with a service account and a Role of its own.
 *
 * @module
 */
import { join } from "node:path";
import { Guarded } from "../../../scripts/cluster/process.ts";
import { programLine } from "../../../scripts/program.ts";
import { until } from "./wait.ts";

/** How to run a program. */
export interface ProgramOptions {
  readonly mode: string;
  /** Settings and arguments, as on the command line. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that goes with the test. */
  readonly folder: string;
}

/** One log line. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly message: string;
  readonly level: string;
};

/** A program that runs. */
export class Program {
  readonly mode: string;
  readonly process: Guarded;

  private constructor(mode: string, process: Guarded) {
    this.mode = mode;
    this.process = process;
  }

  /** Starts a program; it may end by itself. */
  static async start({ mode, args = [], env = {}, folder }: ProgramOptions): Promise<Program> {
    const home = Deno.env.get("HOME") ?? "/tmp";
    const cache = Deno.env.get("DENO_DIR");
    const [command, ...line] = programLine;
    const process = await Guarded.start({
      command: command!,
      args: [...line, mode, ...args],
      env: {
        HOME: home,
        ...(cache && { DENO_DIR: cache }),
        LISTEN_HOST: "127.0.0.1",
        LISTEN_PORT: "0",
        AutoCrane__LogFormat: "json",
        ...env,
      },
      log: join(folder, `${mode}-${crypto.randomUUID().slice(0, 8)}.log`),
    });
    return new Program(mode, process);
  }

  /** What it logged so far; lines that are no JSON are passed over. */
  lines(): LogLine[] {
    return this.process.output().split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  /** The first log line with this message, and these fields where given. */
  async said(message: string, fields: Record<string, unknown> = {}, within?: number): Promise<LogLine> {
    const matches = (line: LogLine) =>
      line.message === message &&
      Object.entries(fields).every(([name, value]) =>
        value instanceof RegExp ? value.test(String(line[name])) : line[name] === value
      );
    try {
      return await until(`${this.mode} says "${message}"`, () => this.lines().find(matches), within);
    } catch (error) {
      const tail = this.process.output().split("\n").slice(-15).join("\n");
      throw new Error(`${(error as Error).message}. It printed:\n${tail}`, { cause: error });
    }
  }

  /** GETs a path of its server. */
  async get(path: string): Promise<Response> {
    const { port } = await this.said("listening");
    return await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
  }

  /** The value of a metric: the sum over the series whose labels include these. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    return metricIn(await (await this.get("/metrics")).text(), name, labels);
  }

  /** Asks it to end, so that it lets its Lease go, and ends it where it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.process.signal("SIGCONT");
    if (this.process.alive) await this.process.terminate();
    await this.process.end();
  }
}

/** The sum of a metric's series in Prometheus' text format whose labels include these. */
export function metricIn(text: string, name: string, labels: Record<string, string> = {}): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    const [, series, shown = "", value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const fits = Object.entries(labels).every(([label, wanted]) => shown.includes(`${label}="${wanted}"`));
    if (series === name && fits) sum += Number(value);
  }
  return sum;
}
