/**
 * What the API refuses, in the words and the shape that API servers use (meta/v1 Status).
 *
 * @module
 */
import type { Status, StatusCause } from "../../../k8s/meta_v1.ts";

/** Which object a refusal is about. */
export interface About {
  /** The API group; empty for the core one. */
  readonly group?: string;
  /** The resource in the plural, as in paths: `pods`. */
  readonly resource: string;
  readonly name?: string;
}

/** A call that is refused: its status is the answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: Status & { readonly code: number };

  constructor(
    code: number,
    reason: string,
    message: string,
    details: Status["details"] = undefined,
  ) {
    super(message);
    const said = { metadata: {}, status: "Failure", message, reason, ...(details && { details }), code };
    this.status = { kind: "Status", apiVersion: "v1", ...said };
  }
}

/** What is shown of a resource in messages: `deployments.apps`, `pods`. */
export function qualified({ group, resource }: About): string {
  return group ? `${resource}.${group}` : resource;
}

function detailsOf({ group, resource, name }: About, more: Status["details"] = {}): Status["details"] {
  return { ...(name && { name }), ...(group && { group }), kind: resource, ...more };
}

/** There is no such object. */
export function notFound(about: About): ApiError {
  return new ApiError(404, "NotFound", `${qualified(about)} "${about.name}" not found`, detailsOf(about));
}

/** An object of that name is there. */
export function alreadyExists(about: About): ApiError {
  const message = `${qualified(about)} "${about.name}" already exists`;
  return new ApiError(409, "AlreadyExists", message, detailsOf(about));
}

/** The object is not as the caller thought. */
export function conflict(about: About, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(about)} "${about.name}": ${why}`;
  return new ApiError(409, "Conflict", message, detailsOf(about));
}

/** Somebody changed the object since the caller read it. */
export function modified(about: About): ApiError {
  return conflict(
    about,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

/** One thing that is wrong with an object. */
export interface FieldProblem {
  /** `spec.containers[0].name`. */
  readonly field: string;
  /** What is wrong, with the value: `Invalid value: "x": must be ...`. */
  readonly message: string;
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldValueNotSupported`, `FieldValueForbidden`. */
  readonly reason?: string;
}

/** The object breaks rules; each of them is named. */
export function invalid(kind: string, about: About, problems: readonly FieldProblem[]): ApiError {
  const said = problems.map(({ field, message }) => `${field}: ${message}`);
  const list = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
  const whole = about.group ? `${kind}.${about.group}` : kind;
  const causes: StatusCause[] = problems.map(({ field, message, reason = "FieldValueInvalid" }) => ({
    reason,
    message,
    field,
  }));
  const details = { ...detailsOf({ ...about, resource: kind }), causes };
  return new ApiError(422, "Invalid", `${whole} "${about.name ?? ""}" is invalid: ${list}`, details);
}

/** The request itself cannot be read. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

/** The state of things does not allow it. */
export function forbidden(about: About, why: string, causes?: StatusCause[]): ApiError {
  const message = `${qualified(about)} "${about.name}" is forbidden: ${why}`;
  return new ApiError(403, "Forbidden", message, detailsOf(about, causes && { causes }));
}

/** A version that is no longer known. */
export function expired(message: string): ApiError {
  return new ApiError(410, "Expired", message);
}

/** There is nothing at this path, or not here. */
export function noSuchPath(message: string): ApiError {
  return new ApiError(404, "NotFound", message);
}

/** A real API server would do this; the embedded cluster does not. */
export function notSupported(what: string): ApiError {
  return new ApiError(501, "NotImplemented", `${what}: not supported by AutoCrane's embedded cluster`);
}

/** A body whose media type is not taken. */
export function unsupportedMediaType(message: string): ApiError {
  return new ApiError(415, "UnsupportedMediaType", message);
}
