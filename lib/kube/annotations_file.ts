/**
 * A downward API file of `metadata.annotations`, as the kubelet writes it.
 *
 * @module
 */

/** The annotations of an object, as Kubernetes gives them. */
export type Annotations = Readonly<Record<string, string>>;

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/**
 * Reads `key="value"` lines, the value quoted as Go's strconv.Quote does.
 *
 * @throws SyntaxError that names the line which is none
 */
export function parseAnnotationsFile(text: string): Annotations {
  const annotations: Record<string, string> = {};
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const match = /^([^=\s]+)="((?:[^"\\]|\\.)*)"$/.exec(line);
    if (!match) throw new SyntaxError(`line ${index + 1} is not key="value"`);
    annotations[match[1]!] = unquote(match[2]!);
  }
  return annotations;
}

const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\"]))|[^\\]+/gy;

function unquote(quoted: string): string {
  if (!quoted.includes("\\")) return quoted;
  // \xNN is one byte of what was no valid UTF-8, so bytes are gathered before they become text. Each escape
  // is longer than its bytes, so the quoted text's own length is room enough.
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(encoder.encode(quoted).length);
  let length = 0;
  for (const [whole, byte, short, long, simple] of quoted.matchAll(escape)) {
    if (byte !== undefined) bytes[length++] = parseInt(byte, 16);
    else {
      const code = short ?? long;
      const text = code !== undefined
        ? String.fromCodePoint(parseInt(code, 16))
        : simple
        ? simpleEscapes[simple]!
        : whole;
      length += encoder.encodeInto(text, bytes.subarray(length)).written;
    }
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length));
}
