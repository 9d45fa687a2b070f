/**
 * A program's frame: arguments, settings, help, logging, signals, and an end that says why.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { systemClock } from "./clock.ts";
import { escaped } from "./escape.ts";
import { type ExitCode, exitCode, exitCodeOf, messageOf, Problems, WrongUse } from "./failure.ts";
import { type Log, type LogFormat, type LogLevel, startLog } from "./log.ts";
import { OutputClosed, writeErr, writeOut } from "./output.ts";
import type { Setting } from "./setting.ts";
import {
  type Catalogue,
  flagged,
  type Known,
  readSettings,
  splitArguments,
  type ValuesOf,
} from "./settings.ts";
import { untilAsked } from "./signals.ts";

/** Settings that every program takes. */
export type BaseCatalogue = { readonly logFormat: Setting<LogFormat>; readonly logLevel: Setting<LogLevel> };

/** What a running program is given. */
export interface Context<C extends Catalogue, O> {
  readonly settings: ValuesOf<C>;
  /** Which of the settings stand on the command line; the others are the environment's or defaults. */
  readonly flagged: ReadonlySet<keyof C>;
  /** The options that `define` declared, as the user gave them. */
  readonly options: O;
  /** Arguments that are no options. */
  readonly args: readonly string[];
  readonly log: Log;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** One program: what it is called, what it takes, what it does. */
export interface Program<C extends Catalogue = Catalogue, O = Record<string, unknown>> {
  /** As users write it after `autocrane`, in lower case. */
  readonly mode: string;
  readonly summary: string;
  readonly catalogue: C;
  /** Command lines to copy, one a line. */
  readonly examples: readonly string[];
  /** Declares options and arguments beside the settings. */
  define?(command: Command): void;
  /** Does the work; returns when it is done or the signal aborts. */
  run(context: Context<C, O>): Promise<ExitCode | void>;
}

/** A program that {@link main} can find by its mode without loading the others. */
export interface Entry {
  readonly summary: string;
  // deno-lint-ignore no-explicit-any -- each program's types are its own; only main calls it
  load(): Promise<Program<any, any>>;
}

/** What the process was started with. */
export interface Start {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What holds for all programs: settings, and modes that are gone with what replaces them. */
export interface House {
  readonly known: Known;
  readonly base: BaseCatalogue;
  readonly goneModes: Readonly<Record<string, string>>;
  readonly version: string;
}

/**
 * Runs one of `entries`, chosen by the first argument (in any case), and ends the process with its exit code.
 * `AUTOCRANE_ARGS`, split on spaces, replaces the arguments when it is set.
 */
export async function main(
  entries: Readonly<Record<string, Entry>>,
  house: House,
  start: Start = { args: Deno.args, env: Deno.env.toObject() },
): Promise<never> {
  Deno.exit(await runMain(entries, house, start));
}

/** {@link main} without the end: returns the exit code. */
export async function runMain(
  entries: Readonly<Record<string, Entry>>,
  house: House,
  { args: given, env }: Start,
): Promise<ExitCode> {
  const replaced = env.AUTOCRANE_ARGS?.trim();
  const args = replaced ? replaced.split(/\s+/) : [...given];
  const only = Object.keys(entries).length === 1 ? Object.keys(entries)[0] : undefined;
  const named = args[0]?.toLowerCase();
  const mode = named !== undefined && Object.hasOwn(entries, named) ? named : only;
  try {
    if (mode === undefined) return chooseMode(entries, house, named);
    const rest = named === mode ? args.slice(1) : args;
    return await runProgram(await entries[mode]!.load(), house, { args: rest, env });
  } catch (error) {
    // Whoever stops reading has seen enough.
    if (error instanceof OutputClosed) return exitCode.done;
    return sayFatal(mode, error);
  }
}

function chooseMode(
  entries: Readonly<Record<string, Entry>>,
  house: House,
  named: string | undefined,
): ExitCode {
  if (named === "--version" || named === "-v") return say(`autocrane ${house.version}`);
  const list = Object.entries(entries).map(([mode, { summary }]) => `  ${mode.padEnd(18)} ${summary}`);
  const usage = [
    "Usage: autocrane MODE [--Section:Key=value ...] [options]",
    "",
    "Modes:",
    ...list,
    "",
    "autocrane MODE --help says what a mode takes. AUTOCRANE_ARGS, when set, replaces the arguments.",
  ];
  if (named === "--help" || named === "-h" || named === "help") return say(usage.join("\n"));
  if (named === undefined) throw new Problems(["no mode was given.", ...usage]);
  const gone = Object.hasOwn(house.goneModes, named) ? house.goneModes[named] : undefined;
  if (gone) throw new WrongUse(`the mode ${named} is not carried over: ${gone}.`);
  throw new WrongUse(
    `${JSON.stringify(named)} is no mode: expected one of ${Object.keys(entries).join(", ")}.`,
  );
}

async function runProgram<C extends Catalogue, O>(
  program: Program<C, O>,
  house: House,
  { args, env }: Start,
): Promise<ExitCode> {
  const { flags, rest } = splitArguments(args, house.known);
  const catalogue = { ...house.base, ...program.catalogue };
  const command = commandFor(program, catalogue, house.version);
  try {
    command.parse(rest, { from: "user" });
  } catch (error) {
    if (error instanceof OutputClosed) throw error;
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
    const words = messageOf(error).replace(/^error: |\.$/g, "").replace(/\s+/g, " ");
    throw new WrongUse(`${words}. Try --help.`);
  }
  const settings = readSettings(catalogue, { env, flags }, house.known);
  const log = startLog({
    format: settings.logFormat as LogFormat,
    level: settings.logLevel as LogLevel,
    fields: { program: program.mode },
  });
  const { signal, dispose } = untilAsked(systemClock);
  try {
    const code = await program.run({
      settings,
      flagged: flagged(program.catalogue, flags),
      options: command.opts() as O,
      args: command.args,
      log,
      signal,
    });
    return code ?? exitCode.done;
  } catch (error) {
    if (settings.logFormat !== "json" || error instanceof OutputClosed) throw error;
    log.error("fatal", { error: messageOf(error), exitCode: exitCodeOf(error) });
    return exitCodeOf(error);
  } finally {
    dispose();
  }
}

// deno-lint-ignore no-explicit-any -- help looks the same whatever a program's types are
function commandFor(program: Program<any, any>, catalogue: Catalogue, version: string): Command {
  const command = new Command(`autocrane ${program.mode}`)
    .description(program.summary)
    .usage("[--Section:Key=value ...] [options]")
    .exitOverride()
    .configureOutput({ writeOut, writeErr: () => {} })
    .helpOption("-h, --help", "say this")
    .version(`autocrane ${program.mode} ${version}`, "-v, --version", "say which version this is");
  program.define?.(command);
  return command.addHelpText(
    "after",
    `\n${settingsHelp(catalogue)}\nExamples:\n${program.examples.map((line) => `  ${line}`).join("\n")}`,
  );
}

function settingsHelp(catalogue: Catalogue): string {
  const rows = Object.values(catalogue).map((one) =>
    `  ${one.name}  ${
      one.fallback ? `(${one.fallback.shown})` : "(required)"
    }\n      ${one.help}: ${one.expected}`
  );
  const bare = Object.values(catalogue).some(({ name }) => !name.includes("__"));
  const flags = `Section__Key as --Section:Key=value${bare ? ", NAME as --NAME=value" : ""}`;
  return `Settings, in the environment or as flags (${flags}), with their defaults:\n${rows.join("\n")}\n`;
}

function say(text: string): ExitCode {
  writeOut(`${text}\n`);
  return exitCode.done;
}

function sayFatal(mode: string | undefined, error: unknown): ExitCode {
  // Only our own lines are lines: what others wrote may not begin one.
  const lines = error instanceof Problems ? error.lines : [messageOf(error)];
  writeErr(`autocrane${mode ? ` ${mode}` : ""}: ${lines.map(escaped).join("\n")}\n`);
  return exitCodeOf(error);
}
