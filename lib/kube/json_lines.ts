/**
 * A stream of JSON documents, one a line: what a watch sends.
 *
 * @module
 */
import { textChunks } from "./text_chunks.ts";

/** Longest line that is believed: an object in etcd has at most 1.5 MiB, JSON and escapes some more. */
const maxLineLength = 32 * 1024 * 1024;

/**
 * Reads one JSON value a line; the chunks are taken over. A last line without its end was cut off and is
 * dropped: the watch is continued from the event before.
 *
 * @throws SyntaxError where a whole line is no JSON; RangeError where a line does not end
 */
export async function* jsonLines<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  let pieces: string[] = [];
  let pending = 0;
  for await (const text of textChunks(body)) {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      pieces.push(text.slice(start, end));
      const line = pieces.length === 1 ? pieces[0]! : pieces.join("");
      pieces = [];
      pending = 0;
      start = end + 1;
      if (line.trim() !== "") yield JSON.parse(line) as T;
    }
    if (start < text.length) pieces.push(text.slice(start));
    pending += text.length - start;
    if (pending > maxLineLength) {
      throw new RangeError(`a line of a watch is longer than ${maxLineLength} bytes`);
    }
  }
}
