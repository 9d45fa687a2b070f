/**
 * The head of an HTTP/1 answer (RFC 9112), as far as a probe needs it: strict, bounded, no more.
 *
 * @module
 */

/** An answer's status line and headers. */
export interface ResponseHead {
  readonly status: number;
  /** What the server calls the status; may be empty. */
  readonly reason: string;
  /** By lower-case name; of a repeated header the first counts. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the input that the head takes, its empty line included. */
  readonly length: number;
}

/** The bytes so far are no HTTP answer. */
export class NotHttp extends Error {
  override readonly name = "NotHttp";
}

/** Longest head that is read, bytes, interim answers included: as much as common servers will send at most. */
export const maxHeadBytes = 64 * 1024;

/** Interim answers that are passed over: one or two are usual. */
const maxInterim = 10;

const decoder = new TextDecoder("latin1");
const statusLine = /^HTTP\/1\.[01] ([1-9]\d\d)(?: ([^\r\n]*))?$/;
// White space around the value is left to trim(): a pattern for it takes quadratic time on hostile values.
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/;

/**
 * Reads the head from the bytes received so far. A few interim answers (1xx) are passed over.
 *
 * @returns the head, or `undefined` while its end has not arrived
 * @throws NotHttp where the bytes can become no answer, or the head is too long
 */
export function parseHead(bytes: Uint8Array): ResponseHead | undefined {
  let from = 0;
  for (let interim = 0;; interim++) {
    if (interim > maxInterim) throw new NotHttp(`more than ${maxInterim} interim answers`);
    const end = endOfHead(bytes, from);
    if (end === undefined) {
      if (bytes.length > maxHeadBytes) throw new NotHttp(`headers of more than ${maxHeadBytes} bytes`);
      if (!couldBegin(bytes, from)) throw new NotHttp("an answer that is not HTTP/1");
      return undefined;
    }
    const lines = decoder.decode(bytes.subarray(from, end)).split(/\r?\n/);
    const match = statusLine.exec(lines[0]!);
    if (!match) throw new NotHttp("an answer that is not HTTP/1");
    const status = Number(match[1]);
    // 101 would change the protocol, which nobody asked for: it is final.
    if (status >= 200 || status === 101) {
      return { status, reason: match[2] ?? "", headers: headersIn(lines.slice(1)), length: end };
    }
    from = end;
  }
}

function headersIn(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    if (line === "") continue;
    const match = headerLine.exec(line);
    if (!match) throw new NotHttp("a malformed header");
    const name = match[1]!.toLowerCase();
    if (!headers.has(name)) headers.set(name, match[2]!.trim());
  }
  return headers;
}

/** The index after the empty line that ends the head; lines may end in a bare LF (RFC 9112, 2.2). */
function endOfHead(bytes: Uint8Array, from: number): number | undefined {
  const limit = Math.min(bytes.length, maxHeadBytes);
  for (let lf = bytes.indexOf(0x0a, from); lf >= 0 && lf < limit; lf = bytes.indexOf(0x0a, lf + 1)) {
    if (bytes[lf + 1] === 0x0a) return lf + 2;
    if (bytes[lf + 1] === 0x0d && bytes[lf + 2] === 0x0a) return lf + 3;
  }
  return undefined;
}

const protocol = new TextEncoder().encode("HTTP/1.");

/** Whether what has arrived is the beginning of an answer, so that waiting for more makes sense. */
function couldBegin(bytes: Uint8Array, from: number): boolean {
  const length = Math.min(protocol.length, bytes.length - from);
  for (let i = 0; i < length; i++) if (bytes[from + i] !== protocol[i]) return false;
  return true;
}
