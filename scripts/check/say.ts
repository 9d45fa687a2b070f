/**
 * Telling a person what happens.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Prints one line. */
export function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}
