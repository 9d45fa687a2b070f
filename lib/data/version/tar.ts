/**
 * Tar headers: ustar, with pax records for what does not fit in one
 * (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block").
 *
 * @module
 */
import type { Entry } from "./entry.ts";

/** Bytes of a tar's block. */
export const blockBytes = 512;

/** Bytes at which a header's octal size field ends: larger files have a pax record. */
const maxOctalSize = 8 ** 11 - 1;

/** Most bytes that a header's name or link name holds. */
const maxFieldBytes = 100;

const encoder = new TextEncoder();

/** The blocks that stand before an entry's content. Owner and times are zero: they are no part of a version. */
export function tarHeader(entry: Entry): Uint8Array {
  const name = tarName(entry);
  const target = entry.kind === "link" ? entry.target : "";
  const size = entry.kind === "file" ? entry.size : 0;
  const records = [
    ...(fits(name) ? [] : [paxRecord("path", name)]),
    ...(fits(target) ? [] : [paxRecord("linkpath", target)]),
    ...(size <= maxOctalSize ? [] : [paxRecord("size", String(size))]),
  ];
  const header = headerBlock({
    name: fits(name) ? name : "pax",
    target: fits(target) ? target : "pax",
    mode: modeOf(entry),
    size: size <= maxOctalSize ? size : 0,
    type: typeFlags[entry.kind],
  });
  return records.length === 0 ? header : concat([...paxBlocks(concat(records)), header]);
}

/** An entry's name in a tar: a folder's ends in `/`. */
export function tarName({ kind, path }: Entry): string {
  return kind === "folder" ? `${path}/` : path;
}

/** The permission bits that an entry has in a version. */
export function modeOf(entry: Entry): number {
  if (entry.kind === "link") return 0o777;
  return entry.kind === "folder" || entry.executable ? 0o755 : 0o644;
}

/** The zeros that fill the last block of `size` bytes. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((blockBytes - size % blockBytes) % blockBytes);
}

const typeFlags = { file: "0", link: "2", folder: "5" } as const;

/** Names past ASCII are left to pax records, which are UTF-8 for every reader. */
function fits(text: string): boolean {
  return text.length <= maxFieldBytes && !/[^\0-\x7f]/.test(text);
}

interface Header {
  readonly name: string;
  readonly target: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
}

function headerBlock({ name, target, mode, size, type }: Header): Uint8Array {
  const block = new Uint8Array(blockBytes);
  const put = (text: string, at: number) => encoder.encodeInto(text, block.subarray(at));
  put(name, 0);
  put(octal(mode, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(0, 11), 136);
  put(" ".repeat(8), 148);
  put(type, 156);
  put(target, 157);
  put("ustar\x0000", 257);
  put(octal(0, 7), 329);
  put(octal(0, 7), 337);
  let sum = 0;
  for (const byte of block) sum += byte;
  put(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function paxBlocks(records: Uint8Array): Uint8Array[] {
  const header = headerBlock({ name: "pax", target: "", mode: 0o644, size: records.length, type: "x" });
  return [header, records, tarPadding(records.length)];
}

/** `LENGTH key=value\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return concat([encoder.encode(String(length)), rest]);
}

/** One array of all the bytes. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
