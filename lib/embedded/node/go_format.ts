/**
 * Text as Go's standard library words it, for what the kubelet writes with it.
 *
 * @module
 */

const simpleEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** What strconv.IsPrint takes for printable. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/**
 * Quotes text as strconv.Quote does: what cannot be printed is escaped. Half of a surrogate pair, which is no
 * text in Go, is taken for U+FFFD, as Go's JSON decoder does.
 */
export function goQuote(text: string): string {
  return `"${Array.from(text.toWellFormed(), quoted).join("")}"`;
}

function quoted(character: string): string {
  const simple = simpleEscapes[character];
  if (simple !== undefined) return simple;
  if (printable.test(character)) return character;
  const code = character.codePointAt(0)!;
  const hex = (digits: number) => code.toString(16).padStart(digits, "0");
  if (code < 0x80) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** A whole number of seconds as time.Duration words it: `10s`, `1m20s`, `5m0s`, `1h0m0s`. */
export function goSeconds(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = seconds % 60;
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}
