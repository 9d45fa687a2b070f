/**
 * The whole of a small HTTP/1.1 answer (RFC 9112, section 6), bounded.
 *
 * @module
 */
import type { Connection } from "../probe/connection.ts";
import { HeadReader, NotHttp, type ResponseHead } from "../probe/response_head.ts";

/** An answer with its body. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** What chunk sizes and their line ends may take beside the body. */
const chunkOverhead = 2;

const lastChunk = new TextEncoder().encode("0\r\n\r\n");

/**
 * Reads an answer and its body.
 *
 * @param most bytes of a body that are read
 * @throws NotHttp where it is no HTTP answer, breaks off, or is longer
 */
export async function readBody(connection: Connection, most: number): Promise<Answer> {
  const reader = new HeadReader();
  let head: ResponseHead | undefined;
  for (;;) {
    if (head && isComplete(reader, head, most)) break;
    const chunk = await connection.read();
    if (chunk === undefined) break;
    head = reader.take(chunk);
  }
  if (!head) throw new NotHttp(reader.length === 0 ? "no answer at all" : "an answer that was cut off");
  const body = reader.body(reader.bodyLength);
  return { status: head.status, body: isChunked(head) ? joined(body, most) : whole(body, head) };
}

function isChunked({ headers }: ResponseHead): boolean {
  return headers.get("transfer-encoding")?.toLowerCase().endsWith("chunked") ?? false;
}

/** Whether no more need be read; a body without a length ends with its connection. */
function isComplete(reader: HeadReader, head: ResponseHead, most: number): boolean {
  const chunked = isChunked(head);
  if (reader.bodyLength > (chunked ? chunkOverhead * most : most)) throw tooLong(most);
  if (chunked) return endsWith(reader.body(reader.bodyLength), lastChunk);
  const length = lengthOf(head);
  return length !== undefined && reader.bodyLength >= length;
}

function tooLong(most: number): NotHttp {
  return new NotHttp(`an answer of more than ${most} bytes`);
}

function lengthOf({ headers }: ResponseHead): number | undefined {
  const announced = headers.get("content-length");
  if (announced === undefined) return undefined;
  if (!/^\d{1,15}$/.test(announced)) throw new NotHttp("an answer of an unreadable length");
  return Number(announced);
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  const from = bytes.length - end.length;
  return from >= 0 && end.every((byte, i) => bytes[from + i] === byte);
}

function whole(body: Uint8Array, head: ResponseHead): Uint8Array {
  const length = lengthOf(head) ?? body.length;
  if (body.length < length) throw new NotHttp("an answer that was cut off");
  return body.subarray(0, length);
}

/** Joins a chunked body (RFC 9112, section 7.1). */
function joined(body: Uint8Array, most: number): Uint8Array {
  const content = new Uint8Array(Math.min(body.length, most));
  let length = 0;
  for (let at = 0;;) {
    const { size, begin } = chunkAt(body, at);
    if (size === 0) return content.subarray(0, length);
    const chunk = body.subarray(begin, begin + size);
    if (chunk.length < size) throw new NotHttp("an answer that was cut off");
    if (length + size > most) throw tooLong(most);
    content.set(chunk, length);
    length += size;
    at = begin + size + "\r\n".length;
  }
}

/** A chunk's size, and where what it holds begins. */
function chunkAt(body: Uint8Array, at: number): { readonly size: number; readonly begin: number } {
  const end = body.indexOf(0x0a, at);
  if (end < 0) throw new NotHttp("an answer that was cut off");
  const line = String.fromCharCode(...body.subarray(at, Math.min(end, at + 64)));
  const size = /^([0-9a-fA-F]{1,8})(?:;|\s|$)/.exec(line)?.[1];
  if (size === undefined) throw new NotHttp("chunks of an unreadable length");
  return { size: parseInt(size, 16), begin: end + 1 };
}
