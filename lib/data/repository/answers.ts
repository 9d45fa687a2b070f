/**
 * Answering with content that never changes: whole, in part, or not at all where it is known already.
 *
 * @module
 */
import type { Context } from "hono";
import type { Counter } from "../../runtime/metrics.ts";
import { matchesEtag, wantedRange } from "./http_range.ts";

/** Something whose bytes are those that its ETag says, for ever. */
export interface Immutable {
  /** In bytes. */
  readonly size: number;
  /** Strong, in quotes. */
  readonly etag: string;
  readonly type: string;
  /** Opens it, from `offset` on. Called only where a body is sent. */
  readonly open: (offset: number, length: number) => ReadableStream<Uint8Array>;
  /** Whether parts may be asked for. */
  readonly ranges: boolean;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a method that is not taken where only GET and HEAD are. */
export function readOnly(c: Context): Response {
  return c.text("Only GET and HEAD are taken here.\n", 405, { allow: "GET, HEAD" });
}

/** Compressing on the way would take the length and the strong ETag away. */
const caching = "public, max-age=31536000, immutable, no-transform";

/**
 * Answers GET and HEAD, with 200, 206, 304 or 416. Bodies are streamed as fast as they are taken. Only GET has
 * parts: HEAD passes `Range` over (RFC 9110, section 14.2).
 */
export function answerImmutable(c: Context, content: Immutable, served: Counter): Response {
  const { size, etag, type, ranges, open } = content;
  const headers = {
    ...content.headers,
    "etag": etag,
    "cache-control": caching,
    "accept-ranges": ranges ? "bytes" : "none",
  };
  if (matchesEtag(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
  const inParts = ranges && c.req.method === "GET";
  const asked = { range: inParts ? c.req.header("range") : undefined, ifRange: c.req.header("if-range") };
  const wanted = wantedRange(asked, size, etag);
  if (wanted.kind === "unsatisfiable") {
    return c.body(null, 416, { "content-range": `bytes */${size}`, "accept-ranges": "bytes" });
  }
  const { offset, length } = wanted.kind === "part" ? wanted : { offset: 0, length: size };
  const body = c.req.method === "HEAD" ? null : open(offset, length);
  if (body) served.inc(length);
  return c.newResponse(body, wanted.kind === "part" ? 206 : 200, {
    ...headers,
    "content-type": type,
    "content-length": String(length),
    ...(wanted.kind === "part" && { "content-range": `bytes ${offset}-${offset + length - 1}/${size}` }),
  });
}
