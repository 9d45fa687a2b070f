/**
 * Which part of a blob a request asks for (RFC 9110, section 14).
 *
 * @module
 */

/** A part to answer with 206, the whole with 200, or nothing with 416. */
export type Wanted =
  | { readonly kind: "part"; readonly offset: number; readonly length: number }
  | { readonly kind: "whole" }
  | { readonly kind: "unsatisfiable" };

/**
 * Reads the headers `Range` and `If-Range`. Several ranges at once, other units and what is malformed are answered
 * with the whole, as the RFC allows.
 *
 * @param size of the whole, bytes
 * @param etag the strong ETag of the whole, in quotes
 */
export function wantedRange(
  { range, ifRange }: { readonly range: string | undefined; readonly ifRange: string | undefined },
  size: number,
  etag: string,
): Wanted {
  const match = /^bytes=\s*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))\s*$/i.exec(range ?? "");
  if (!match || (ifRange !== undefined && ifRange.trim() !== etag)) return { kind: "whole" };
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? { kind: "unsatisfiable" } : { kind: "part", offset: size - length, length };
  }
  const offset = Number(first);
  const end = last ? Math.min(Number(last), size - 1) : size - 1;
  if (last && Number(last) < offset) return { kind: "whole" };
  return offset >= size ? { kind: "unsatisfiable" } : { kind: "part", offset, length: end - offset + 1 };
}

/** Whether an `If-None-Match` names the ETag; weak ones count, as caches may have made them so. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const named = ifNoneMatch.split(",").map((one) => one.trim().replace(/^W\//, ""));
  return named.includes("*") || named.includes(etag);
}
