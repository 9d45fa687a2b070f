/**
 * Text from anywhere, made visible where a terminal would act on it.
 *
 * @module
 */

/** Control and formatting characters, separators of lines, halves of surrogate pairs. */
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Writes what could steer a terminal or forge a line as JSON would escape it. Everything else stays.
 *
 * @example
 * ```ts
 * import { escaped } from "./escape.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(escaped("disk\n\u001b[31mfull"), "disk\\n\\u001b[31mfull");
 * ```
 */
export function escaped(text: string): string {
  return text.replace(unfit, (character) => short[character] ?? unitsOf(character));
}

function unitsOf(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
