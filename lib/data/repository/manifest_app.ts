/**
 * What the repository has, and the older route to it: `/.manifest` and `/{source}/{file}`.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { cleanText } from "../../contract/text.ts";
import type { BlobFolder } from "../blobs/blob_folder.ts";
import { type ArchivePart, legacyArchive, legacyArchiveSize } from "../version/legacy.ts";
import { answerImmutable, readOnly } from "./answers.ts";
import { matchesEtag } from "./http_range.ts";
import type { Serving } from "./serving.ts";
import { findPath } from "./stored_version.ts";

/** Longest that a request may wait for a change, seconds. */
const longestWait = 60;

/** Most requests that wait at once; those beyond are answered at once. */
const mostWaiting = 2_000;

/** `/.manifest`, and versions as one archive each. */
export function manifestApp(serving: Serving): Hono {
  return new Hono()
    .get("/.manifest", (c) => whatIsHere(c, serving))
    .get("/:source/:file{[^/]+\\.tar}", (c) => archive(c, serving))
    .all("/.manifest", readOnly)
    .all("/:source/:file{[^/]+\\.tar}", readOnly);
}

/** With `If-None-Match` and `Prefer: wait=SECONDS` (RFC 7240) the answer comes when it is another one, or then. */
async function whatIsHere(c: Context, { repository: { announcement } }: Serving): Promise<Response> {
  const known = c.req.header("if-none-match");
  const seconds = waitOf(c.req.header("prefer"));
  const waits = seconds > 0 && announcement.waiting < mostWaiting && matchesEtag(known, announcement.etag);
  if (waits) await announcement.another(seconds * 1000, c.req.raw.signal);
  const headers = {
    "etag": announcement.etag,
    "cache-control": "no-cache",
    "vary": "prefer",
    ...(waits && { "preference-applied": `wait=${seconds}` }),
  };
  return matchesEtag(known, announcement.etag)
    ? c.body(null, 304, headers)
    : c.body(announcement.body, 200, { ...headers, "content-type": "application/json" });
}

function waitOf(prefer: string | undefined): number {
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})/i.exec(prefer ?? "")?.[1];
  return Math.min(Number(wait ?? 0), longestWait);
}

function archive(c: Context, { repository, garbage, metrics }: Serving): Response | Promise<Response> {
  const { source, file } = c.req.param() as { source: string; file: string };
  const version = findPath(repository.versionsOf(source), file);
  if (!version) {
    const what = repository.sources.includes(source)
      ? `The source ${source} has no version ${cleanText(file, 100)}.`
      : `There is no source ${cleanText(source, 100)}.`;
    return c.text(`${what} GET /.manifest says what there is.\n`, 404);
  }
  garbage.shown(version);
  const { layers } = repository.manifest(version.digest);
  return answerImmutable(c, {
    size: legacyArchiveSize(layers),
    etag: `"${version.hash}"`,
    type: "application/zstd",
    ranges: false,
    open: () =>
      ReadableStream.from(
        bytesOf(legacyArchive(layers), repository.store.blobs, () => garbage.shown(version)),
      ),
  }, metrics.served);
}

/**
 * The parts one after another, each opened when it is its turn.
 *
 * @param wanted called with each piece: the parts to come are still wanted
 */
async function* bytesOf(
  parts: readonly ArchivePart[],
  blobs: BlobFolder,
  wanted: () => void,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if ("bytes" in part) yield part.bytes;
    else {
      for await (const bytes of blobs.stream(part.digest, { offset: part.offset, length: part.length })) {
        wanted();
        yield bytes;
      }
    }
  }
}
