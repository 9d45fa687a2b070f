/**
 * Patches: what an object becomes by one.
 *
 * @module
 */
import { applyPatch, type Operation } from "rfc6902";
import { mediaType } from "./request_words.ts";
import { ApiError, badRequest, unsupportedMediaType } from "./errors.ts";
import { copyOf } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { strategicMerge } from "./strategic_patch.ts";

/** The media types of patches that are taken. */
const media = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const;

/**
 * Refuses a patch of a kind that is not taken, before its object is looked for: server-side apply creates it.
 *
 * @throws ApiError 415
 */
export function refuseUnknownPatch(contentType: string): void {
  const known = Object.values(media);
  const type = mediaType(contentType);
  if (known.some((one) => one === type)) return;
  throw unsupportedMediaType(
    type === "application/apply-patch+yaml"
      ? "server-side apply is not supported by AutoCrane's embedded cluster: leave out --server-side, or use another " +
        `patch, one of ${known.join(", ")}`
      : `the body of the request was in an unknown format - accepted media types include: ${
        known.join(", ")
      }`,
  );
}

/**
 * Applies a patch to an object as its caller sees it.
 *
 * @throws ApiError 400 or 422 where the patch cannot be applied
 */
export function patched(resource: Resource, object: object, patch: unknown, contentType: string): unknown {
  const type = mediaType(contentType);
  if (type === media.merge) return mergePatched(object, asObject(patch));
  if (type === media.json) return jsonPatched(object, patch);
  return strategicMerge(resource, object, asObject(patch));
}

function asObject(patch: unknown): Record<string, unknown> {
  if (typeof patch === "object" && patch !== null && !Array.isArray(patch)) {
    return patch as Record<string, unknown>;
  }
  throw badRequest(`error decoding patch: json: cannot unmarshal ${nameOf(patch)} into an object`);
}

function nameOf(value: unknown): string {
  return Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
}

/** A merge patch (RFC 7396): `null` removes, objects are merged, all else replaces. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const merged = { ...(isMap(target) ? target : {}) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else setOwn(merged, name, mergePatched(Object.hasOwn(merged, name) ? merged[name] : undefined, value));
  }
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets a field whatever its name: `__proto__` is one like any other in JSON. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

/** A JSON patch (RFC 6902): all of its operations, or none. */
function jsonPatched(object: object, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${nameOf(patch)} into a list of operations`,
    );
  }
  const target = copyOf(object);
  for (const [index, operation] of patch.entries()) {
    const failure = applied(target, operation as Operation);
    if (failure) throw unprocessable(`operation ${index} of the patch cannot be applied: ${failure.message}`);
  }
  return target;
}

/** Applies an operation; as API servers do, `replace` also adds a member that is missing. */
function applied(target: object, operation: Operation): Error | null {
  const [failure] = applyPatch(target, [operation]);
  if (failure?.name !== "MissingError" || operation.op !== "replace") return failure ?? null;
  return applyPatch(target, [{ ...operation, op: "add" }])[0] ?? null;
}

function unprocessable(message: string): ApiError {
  return new ApiError(
    422,
    "Invalid",
    `the server rejected our request due to an error in our request: ${message}`,
  );
}
