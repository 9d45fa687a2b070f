/**
 * Objects as callers send and see them, and as they are kept.
 *
 * @module
 */
import { badRequest } from "./errors.ts";
import { toCoreEvent, toNewEvent } from "./event_groups.ts";
import type { ApiObject, Place } from "./objects.ts";
import { groupVersion, type Resource } from "./resources.ts";

/** An object as it is kept, the way a resource shows it. */
export function shown(resource: Resource, object: ApiObject): ApiObject {
  return resource.group === "events.k8s.io" ? toNewEvent(object) : object;
}

/**
 * An object of the resource that a caller sent, as it is kept.
 *
 * @throws ApiError 400 where it is of another place
 */
export function taken(
  { resource, namespace, name }: Omit<Place, "name"> & { name?: string },
  object: ApiObject,
): ApiObject {
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request`,
    );
  }
  if (name !== undefined && metadata.name && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const placed = {
    ...object,
    metadata: {
      ...metadata,
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
    },
  };
  return resource.group === "events.k8s.io" ? toCoreEvent(placed) : placed;
}

/**
 * What a caller sent, if it says that it is an object of the resource, or does not say what it is.
 *
 * @throws ApiError 400 where it is something else
 */
export function ofKind(resource: Resource, sent: unknown): ApiObject {
  const expected = groupVersion(resource);
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) {
    throw badRequest(`the body is no object: expected a ${resource.kind} of ${expected}`);
  }
  const { apiVersion = expected, kind = resource.kind, metadata = {}, ...rest } = sent as Partial<ApiObject>;
  if (apiVersion !== expected || kind !== resource.kind) {
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${resource.kind}: ` +
        `expected a ${resource.kind} of ${expected}`,
    );
  }
  if (typeof metadata !== "object" || metadata === null) throw badRequest("metadata is no object");
  return { apiVersion, kind, metadata, ...rest };
}
