/**
 * What a caller sent, checked and made what is kept.
 *
 * @module
 */
import type { ApiRequest } from "./calls.ts";
import { ApiError, badRequest, invalid } from "./errors.ts";
import type { ApiObject, Place } from "./objects.ts";
import { patched } from "./patches.ts";
import { ofKind, shown, taken } from "./representation.ts";
import type { Resource } from "./resources.ts";
import { type Checked, checkedObject, checkedPatch, fieldValidationIn } from "./schema/check.ts";

/** An object as it is to be kept, and what its sender should know about what was sent. */
export interface Received {
  readonly object: ApiObject;
  readonly warnings: readonly string[];
}

/** Where it is to be; a new object may still be without a name. */
type Where = Omit<Place, "name"> & { readonly name?: string };

/**
 * An object that was sent whole.
 *
 * @throws ApiError where it is no object of its place, or has not the shape of its kind
 */
export function received(where: Where, { method, body, query, text }: ApiRequest): Received {
  const options = method === "POST" ? "CreateOptions" : "UpdateOptions";
  const validation = fieldValidationIn(query.get("fieldValidation"), options);
  const sent = ofKind(where.resource, body);
  if (method === "PUT" && !sent.metadata.name) {
    throw badRequest("name must be provided: the name in the path must be in the metadata as well");
  }
  return kept(
    where,
    checkedObject(where.resource, sent, { validation, ...(text !== undefined && { text }) }),
  );
}

/**
 * What an object becomes by a patch.
 *
 * @param now as it is kept
 * @throws ApiError where the patch cannot be applied, or leaves something that has not the shape of its kind
 */
export function receivedPatch(place: Place, now: ApiObject, request: ApiRequest): Received {
  const { resource } = place;
  const validation = fieldValidationIn(request.query.get("fieldValidation"), "PatchOptions");
  const after = patched(resource, shown(resource, now), request.body, request.contentType);
  const { text } = request;
  const checked = checkedPatch(resource, stillOfKind(resource, after), {
    validation,
    ...(text !== undefined && { text }),
  });
  return kept(place, checked);
}

/** A patch that makes something else of an object breaks a rule, rather than being unreadable. */
function stillOfKind(resource: Resource, after: unknown): ApiObject {
  try {
    return ofKind(resource, after);
  } catch (error) {
    throw error instanceof ApiError ? new ApiError(422, "Invalid", error.message) : error;
  }
}

function kept(where: Where, { object, warnings, missing }: Checked): Received {
  const { resource, name } = where;
  if (missing.length > 0) {
    const about = { group: resource.group, resource: resource.plural, name: name ?? nameIn(object) };
    throw invalid(resource.kind, about, missing);
  }
  return { object: taken(where, object as ApiObject), warnings };
}

function nameIn(object: unknown): string {
  return (object as Partial<ApiObject>).metadata?.name ?? "";
}
