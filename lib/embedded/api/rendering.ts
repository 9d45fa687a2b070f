/**
 * Answers as JSON has them.
 *
 * @module
 */
import type { WatchEvent } from "../../../k8s/client.ts";
import type { ApiError } from "./errors.ts";
import type { Page } from "./lists.ts";
import type { ApiObject } from "./objects.ts";
import { shown } from "./representation.ts";
import { groupVersion, type Resource } from "./resources.ts";
import type { WatchedEvent } from "./watches.ts";

/** A list of objects: its items do not repeat what they are. */
export function listBody(resource: Resource, { metadata, objects }: Page): object {
  const items = objects.map((object) => {
    const { apiVersion: _version, kind: _kind, ...item } = shown(resource, object);
    return item;
  });
  return { kind: `${resource.kind}List`, apiVersion: groupVersion(resource), metadata, items };
}

/** An event of a watch. */
export function eventBody(resource: Resource, event: WatchedEvent): WatchEvent<ApiObject> {
  if (event.type === "ERROR") return { type: "ERROR", object: statusOf(event.error) };
  if (event.type === "BOOKMARK") return bookmarkBody(resource, event);
  return { type: event.type, object: shown(resource, event.object) };
}

function bookmarkBody(
  resource: Resource,
  { resourceVersion, initialEnd }: Extract<WatchedEvent, { type: "BOOKMARK" }>,
): WatchEvent<ApiObject> {
  const annotations = { "k8s.io/initial-events-end": "true" };
  const metadata = {
    resourceVersion,
    // Real servers write the time of an object that never was as null.
    creationTimestamp: null as unknown as string,
    ...(initialEnd && { annotations }),
  };
  return { type: "BOOKMARK", object: { kind: resource.kind, apiVersion: groupVersion(resource), metadata } };
}

/** A refusal's own words. */
export function statusOf({ status }: ApiError): ApiError["status"] {
  return status;
}
