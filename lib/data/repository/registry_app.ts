/**
 * The read-only part of the OCI distribution API: `/v2/...`
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md).
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { type Digest, parseDigest } from "../../contract/ids.ts";
import { cleanText } from "../../contract/text.ts";
import { mediaType } from "../version/manifest.ts";
import { answerImmutable } from "./answers.ts";
import { ociError } from "./oci_errors.ts";
import type { Serving } from "./serving.ts";
import { findVersion, tagOf } from "./stored_version.ts";

/** `/v2/`, manifests, blobs and tags. */
export function registryApp(serving: Serving): Hono {
  const app = new Hono()
    .use("/v2/*", async (c, next) => {
      c.header("docker-distribution-api-version", "registry/2.0");
      if (c.req.method !== "GET" && c.req.method !== "HEAD") {
        c.header("allow", "GET, HEAD");
        return ociError(c, "UNSUPPORTED", "this registry is read only: versions come from their sources");
      }
      await next();
    })
    .get("/v2/", (c) => c.json({}))
    .get("/v2/:source/manifests/:reference", (c) => manifest(c, serving))
    .get("/v2/:source/blobs/:digest", (c) => blob(c, serving))
    .get("/v2/:source/tags/list", (c) => tags(c, serving))
    .all("/v2/*", (c) => ociError(c, "NAME_UNKNOWN", "there is nothing here: see /v2/SOURCE/tags/list"));
  return app;
}

function manifest(c: Context, serving: Serving): Response {
  const { repository, garbage, missed } = serving;
  const { source, reference } = c.req.param() as { source: string; reference: string };
  if (!repository.sources.includes(source)) return unknownSource(c, source);
  const version = findVersion(repository.versionsOf(source), reference);
  if (!version) {
    if (parseDigest(reference)) missed();
    return ociError(c, "MANIFEST_UNKNOWN", `${source} has no version ${cleanText(reference, 100)}`);
  }
  garbage.shown(version);
  return stored(c, serving, version.digest, mediaType.manifest);
}

function blob(c: Context, serving: Serving): Response {
  const { repository, garbage, elsewhere } = serving;
  const { source, digest: text } = c.req.param() as { source: string; digest: string };
  if (!repository.sources.includes(source)) return unknownSource(c, source);
  const digest = parseDigest(text);
  if (!digest) return ociError(c, "DIGEST_INVALID", "a digest is sha256: and 64 lower-case hex digits");
  if (!repository.store.blobs.has(digest)) return ociError(c, "BLOB_UNKNOWN", `there is no blob ${digest}`);
  const url = elsewhere(digest);
  if (url !== undefined) return c.redirect(url, 307);
  garbage.used(digest);
  return stored(c, serving, digest, "application/octet-stream");
}

function stored(c: Context, { repository, metrics }: Serving, digest: Digest, type: string): Response {
  const { blobs } = repository.store;
  const size = blobs.size(digest)!;
  return answerImmutable(c, {
    size,
    etag: `"${digest}"`,
    type,
    ranges: true,
    open: (offset, length) =>
      offset + length === size
        ? restOf(blobs.path(digest), offset)
        : blobs.stream(digest, { offset, length }),
    headers: { "docker-content-digest": digest },
  }, metrics.served);
}

/** A file from `offset` to its end. The runtime sends a file's own stream without JavaScript: half the time. */
function restOf(path: string, offset: number): ReadableStream<Uint8Array> {
  const file = Deno.openSync(path);
  file.seekSync(offset, Deno.SeekMode.Start);
  return file.readable;
}

/** All tags in order, or at most `n` of them after `last`. */
function tags(c: Context, { repository }: Serving): Response {
  const source = c.req.param("source")!;
  if (!repository.sources.includes(source)) return unknownSource(c, source);
  const versions = repository.versionsOf(source);
  const all = [...versions.map(tagOf), ...(versions.length > 0 ? ["latest"] : [])].sort();
  const last = c.req.query("last");
  const after = last === undefined ? all : all.filter((tag) => tag > last);
  const n = /^\d{1,6}$/.test(c.req.query("n") ?? "") ? Number(c.req.query("n")) : after.length;
  const shown = after.slice(0, n);
  if (shown.length > 0 && shown.length < after.length) {
    const next = `/v2/${source}/tags/list?n=${n}&last=${encodeURIComponent(shown.at(-1)!)}`;
    c.header("link", `<${next}>; rel="next"`);
  }
  return c.json({ name: source, tags: shown });
}

function unknownSource(c: Context, source: string): Response {
  return ociError(c, "NAME_UNKNOWN", `there is no source ${cleanText(source, 100)}`);
}
