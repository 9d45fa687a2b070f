/**
 * Go's strconv.Quote, as the kubelet writes a downward API file of annotations with it.
 *
 * @module
 */
const simple: Readonly<Record<string, string>> = {
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

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** Quotes well-formed text: what Go does not take for printable is escaped. */
export function goQuote(text: string): string {
  const quoted = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (simple[character]) return simple[character];
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
    if (code === 0x20 || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${quoted.join("")}"`;
}
