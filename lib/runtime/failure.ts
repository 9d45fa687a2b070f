/**
 * What went wrong, as a process tells it: in few words, with an exit code that scripts can act on.
 *
 * @module
 */

/** Exit codes of every AutoCrane program. */
export const exitCode = {
  done: 0,
  couldNot: 1,
  wrongUse: 2,
  noPermission: 3,
  notFound: 4,
  unreachable: 5,
} as const;

/** One of {@link exitCode}'s values. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** An error that knows the exit code of a program it ends. Its message is complete: what, why, what to do. */
export class Failure extends Error {
  /** The class' name. */
  override readonly name: string = "Failure";
  /** What the process ends with. */
  readonly exitCode: ExitCode;

  /** Fails with a complete message and the exit code that it means. */
  constructor(message: string, code: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = code;
  }
}

/** The program was called, or set, in a way it cannot follow (exit code 2). */
export class WrongUse extends Failure {
  /** `WrongUse`. */
  override readonly name = "WrongUse";

  /** Fails with what is wrong, what is expected, and the nearest right thing. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCode.wrongUse, options);
  }
}

/** Several things are wrong with how the program was called or set. Each is told in a line of its own. */
export class Problems extends WrongUse {
  /** The lines, in the order in which they are told. */
  readonly lines: readonly string[];

  /** Fails with lines that are each complete. */
  constructor(lines: readonly string[]) {
    super(lines.join("\n"));
    this.lines = lines;
  }
}

/** The exit code for anything thrown: its own where it has one, else 1. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof Failure ? error.exitCode : exitCode.couldNot;
}

/**
 * An error and its causes in one line, each cause said once: a message that tells the innermost cause
 * already needs none of those between. After a whole sentence they stand in brackets.
 *
 * @example
 * ```ts
 * import { messageOf } from "./failure.ts";
 * import { equal } from "node:assert/strict";
 *
 * const cause = new Error("connection refused");
 * equal(messageOf(new Error("Cannot list pods", { cause })), "Cannot list pods: connection refused");
 * ```
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  if (error.message.includes(innermost(error.cause) || messageOf(error.cause))) return error.message;
  const cause = messageOf(error.cause);
  return /[.?!]$/.test(error.message) ? `${error.message} (${cause})` : `${error.message}: ${cause}`;
}

function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermost(error.cause);
}
