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

/** Reads a head from what comes, however it is split: no byte is looked for its end more than twice. */
export class HeadReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  /** Where the answer begins that is read now, after the interim ones. */
  #from = 0;
  /** Up to here there is no end of it. */
  #scanned = 0;
  #interim = 0;
  #head: ResponseHead | undefined;

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of the body that have come. */
  get bodyLength(): number {
    return this.#head ? this.#length - this.#head.length : 0;
  }

  /** The body's first bytes, as far as they have come. */
  body(most: number): Uint8Array {
    const from = this.#head?.length ?? this.#length;
    return this.#bytes.subarray(from, Math.min(from + most, this.#length));
  }

  /**
   * Takes what has come next. A few interim answers (1xx) are passed over.
   *
   * @param chunk is kept, not copied
   * @returns the head, or `undefined` while its end has not arrived
   * @throws NotHttp where the bytes can become no answer, or the head is too long
   */
  take(chunk: Uint8Array): ResponseHead | undefined {
    this.#append(chunk);
    return this.#head ??= this.#read();
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) {
      // Most answers come in one piece.
      this.#bytes = chunk;
    } else {
      if (length > this.#bytes.length) {
        const larger = new Uint8Array(2 * length);
        larger.set(this.#bytes.subarray(0, this.#length));
        this.#bytes = larger;
      }
      this.#bytes.set(chunk, this.#length);
    }
    this.#length = length;
  }

  #read(): ResponseHead | undefined {
    for (;;) {
      const bytes = this.#bytes.subarray(0, this.#length);
      const end = endOfHead(bytes, this.#scanned);
      if (end === undefined) {
        if (bytes.length > maxHeadBytes) throw new NotHttp(`headers of more than ${maxHeadBytes} bytes`);
        if (!couldBegin(bytes, this.#from)) throw new NotHttp("an answer that is not HTTP/1");
        // The empty line may have begun in the last bytes.
        this.#scanned = Math.max(this.#from, bytes.length - 2);
        return undefined;
      }
      const head = finalHead(decoder.decode(bytes.subarray(this.#from, end)), end);
      if (head) return head;
      if (++this.#interim > maxInterim) throw new NotHttp(`more than ${maxInterim} interim answers`);
      this.#from = this.#scanned = end;
    }
  }
}

/** The head that this text is, or `undefined` where it is an interim one. */
function finalHead(text: string, length: number): ResponseHead | undefined {
  const lines = text.split(/\r?\n/);
  const match = statusLine.exec(lines[0]!);
  if (!match) throw new NotHttp("an answer that is not HTTP/1");
  const status = Number(match[1]);
  // 101 would change the protocol, which nobody asked for: it is final.
  if (status < 200 && status !== 101) return undefined;
  return { status, reason: match[2] ?? "", headers: headersIn(lines.slice(1)), length };
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
