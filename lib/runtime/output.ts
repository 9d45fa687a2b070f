/**
 * Standard output, for programs whose answer goes there, and standard error, for everything else.
 *
 * @module
 */

/** Whoever read our standard output has gone, as `head` does once it has its lines. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/**
 * Writes all of `text` to standard output.
 *
 * @throws OutputClosed where nobody reads it any more
 */
export function writeOut(text: string): void {
  try {
    writeAll(Deno.stdout, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    throw new OutputClosed("nobody reads the output any more", { cause: error });
  }
}

/** Writes all of `text` to standard error. Where nobody reads it any more nobody can be told so either. */
export function writeErr(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** The system may take less than all at once. */
function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let left = new TextEncoder().encode(text);
  while (left.length > 0) left = left.subarray(to.writeSync(left));
}
