/**
 * Errors as the OCI distribution API tells them
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes).
 *
 * @module
 */
import type { Context } from "hono";

/** The codes that are used, with their HTTP status. */
const statusOf = {
  BLOB_UNKNOWN: 404,
  MANIFEST_UNKNOWN: 404,
  NAME_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  UNSUPPORTED: 405,
} as const;

/** Answers with an error. */
export function ociError(c: Context, code: keyof typeof statusOf, message: string): Response {
  return c.json({ errors: [{ code, message }] }, statusOf[code]);
}
