/**
 * Standard output, for programs whose answer goes there.
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
  let left = new TextEncoder().encode(text);
  try {
    while (left.length > 0) left = left.subarray(Deno.stdout.writeSync(left));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    throw new OutputClosed("nobody reads the output any more", { cause: error });
  }
}
