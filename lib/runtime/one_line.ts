/**
 * Text from servers and commands, made fit for a terminal and a log.
 *
 * @module
 */

/** Control and formatting characters, separators of lines, halves of surrogate pairs, and white space. */
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/**
 * Folds white space and what could steer a terminal or forge a line into single spaces, and cuts to a size.
 *
 * @param most the most UTF-16 units that the result may have; a cut text ends in `…`
 *
 * @example
 * ```ts
 * import { oneLine } from "./one_line.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(oneLine("disk\n\u001b[31mfull", 100), "disk [31mfull");
 * ```
 */
export function oneLine(text: string, most: number): string {
  // A longer input than could survive the cut is not scanned.
  const line = text.slice(0, 4 * most).replace(unfit, " ").trim();
  if (line.length <= most) return line;
  return line.slice(0, most - 1).replace(/\p{Cs}$/u, "").trimEnd() + "…";
}
