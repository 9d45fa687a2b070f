/**
 * What a path means.
 *
 * @module
 */
import { type ApiError, noSuchPath, notSupported } from "./errors.ts";
import { type Resource, resourceAt, resources } from "./resources.ts";

/** A resource, or an object of it, or a part of that. */
export interface Target {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Subresources that a real server has and this one has not. */
const elsewhere = ["exec", "attach", "portforward", "proxy", "ephemeralcontainers", "resize", "token"];

/**
 * Reads a path below `/api/v1` or `/apis/GROUP/VERSION`.
 *
 * @throws ApiError 404 where nothing is served, 501 where a real server would serve something
 */
export function targetAt(path: string): Target {
  const { group, version, rest } = split(path);
  const scoped = rest[0] === "namespaces" && rest.length > 2 && !isOfNamespace(group, rest[2]!);
  const [plural = "", name, subresource, ...more] = scoped ? rest.slice(2) : rest;
  const resource = resourceAt(group, version, plural);
  if (!resource || more.length > 0 || (scoped && !resource.namespaced)) throw nothingAt(path, group, plural);
  if (!scoped && resource.namespaced && name !== undefined) throw nothingAt(path, group, plural);
  if (subresource !== undefined && !hasSubresource(resource, subresource)) {
    throw elsewhere.includes(subresource)
      ? notSupported(`${resource.plural}/${subresource}`)
      : noSuchPath("the server could not find the requested resource");
  }
  return {
    resource,
    ...(scoped && { namespace: rest[1]! }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  };
}

function split(path: string): { group: string; version: string; rest: string[] } {
  const [root, ...segments] = path.split("/").slice(1).map(decoded);
  if (root === "api") return { group: "", version: segments[0] ?? "", rest: segments.slice(1) };
  if (root === "apis") {
    return { group: segments[0] ?? "", version: segments[1] ?? "", rest: segments.slice(2) };
  }
  throw noSuchPath("the server could not find the requested resource");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw noSuchPath("the server could not find the requested resource");
  }
}

/** Whether `/namespaces/NAME/x` is a part of the namespace itself. */
function isOfNamespace(group: string, segment: string): boolean {
  return group === "" && ["status", "finalize"].includes(segment);
}

function hasSubresource({ plural, subresources }: Resource, name: string): boolean {
  return subresources.includes(name) || (plural === "namespaces" && name === "finalize");
}

/** Resources of groups that are served in part: a real server has them. */
const unserved = [
  "bindings",
  "componentstatuses",
  "controllerrevisions",
  "endpoints",
  "limitranges",
  "persistentvolumeclaims",
  "persistentvolumes",
  "podtemplates",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "serviceaccounts",
];

function nothingAt(path: string, group: string, plural: string): ApiError {
  const groupServed = resources.some((one) => one.group === group);
  if (groupServed && !unserved.includes(plural)) {
    return noSuchPath("the server could not find the requested resource");
  }
  const list = [...new Set(resources.map((one) => one.plural))].join(", ");
  return noSuchPath(`${path}: not supported by AutoCrane's embedded cluster, which serves ${list}`);
}
