/**
 * Text that came from somebody else, made fit to be shown and stored.
 *
 * @module
 */

const encoder = new TextEncoder();

/**
 * What must never reach a terminal or a log from outside: control characters (C0, C1, DEL), the Unicode line and
 * paragraph separators, all formatting characters (zero-width, bidirectional, soft hyphens, tags), and halves of
 * surrogate pairs. The log escapes the same.
 */
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Removes what could forge a line or steer a terminal, folds white space, and cuts to a size.
 *
 * @param text anything, for instance the body of an HTTP answer
 * @param maxBytes the most UTF-8 bytes the result may take; a cut text ends in `…`
 * @returns one line of plain text
 *
 * @example
 * ```ts
 * import { cleanText } from "./text.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(cleanText("disk\n\u001b[31mfull", 100), "disk [31mfull");
 * ```
 */
export function cleanText(text: string, maxBytes: number): string {
  // A longer input than could survive the cut is not scanned: this also bounds the work on hostile text.
  const scanned = text.length > 4 * maxBytes ? text.slice(0, 4 * maxBytes) : text;
  return cutToBytes(scanned.replace(unfit, " ").replace(/\s+/g, " ").trim(), maxBytes);
}

/** Shows text as it is, in quotes, with what {@link cleanText} would remove escaped (`\n`, `\u009b`). */
export function quote(text: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(unfit, (character) => character.split("").map(escaped).join(""));
}

/** The number of bytes that `text` takes in UTF-8. */
export function byteLength(text: string): number {
  const bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return encoder.encode(text).length;
  }
  return bytes;
}

/** Cuts `text` to at most `maxBytes` of UTF-8, at a character's end, with `…` where something was cut. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  const mark = "…";
  const room = maxBytes - byteLength(mark);
  if (room <= 0) return "";
  const { read } = encoder.encodeInto(text, new Uint8Array(room));
  return text.slice(0, read).trimEnd() + mark;
}
