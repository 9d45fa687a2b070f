/**
 * The requests behind the generated methods, one function for each kind of call. Written by hand.
 *
 * @module
 */
import type { KubeMethod, KubeRequest } from "./client.ts";
import type {
  CallOptions,
  CreateOptions,
  DeleteListOptions,
  DeleteObjectOptions,
  ListOptions,
  PatchOptions,
  PodLogOptions,
  ReplaceOptions,
  WatchOptions,
} from "./options.ts";
import type { Patch } from "./patch.ts";

/**
 * A name, escaped to be one segment of a path. Throws a TypeError for one that would lead elsewhere: with an
 * empty name, a delete of one object would be a delete of all.
 */
export function segment(name: string): string {
  if (name === "" || name === "." || name === "..") {
    throw new TypeError(
      `Cannot use ${JSON.stringify(name)} as a name in a path: it would lead to another resource.`,
    );
  }
  return encodeURIComponent(name);
}

/** Reads one object. */
export function get(path: string, options: CallOptions): KubeRequest {
  return request("GET", path, options);
}

/** Reads a page of a collection. */
export function list(path: string, options: ListOptions): KubeRequest {
  return request("GET", path, options);
}

/** Follows a collection. */
export function watch(path: string, options: WatchOptions): KubeRequest {
  return request("GET", path, { ...options, watch: true });
}

/** Reads a log, as the bytes that the container wrote. */
export function log(path: string, options: PodLogOptions): KubeRequest {
  // A server streams the log whatever is asked for, but refuses text/plain: no serializer writes that.
  return request("GET", path, options, { accept: "*/*" });
}

/** Creates an object, or what a subresource takes. */
export function create(path: string, body: unknown, options: CreateOptions): KubeRequest {
  return request("POST", path, options, { body });
}

/** Replaces an object; with its resource version in the body, only if it is still that. */
export function replace(path: string, body: unknown, options: ReplaceOptions): KubeRequest {
  return request("PUT", path, options, { body });
}

/** Changes part of an object. */
export function patch<T>(path: string, patch: Patch<T>, options: PatchOptions): KubeRequest {
  const owner = patch.type === "apply" ? { fieldManager: patch.fieldManager, force: patch.force } : {};
  const { body, type } = patch;
  return request("PATCH", path, { ...options, ...owner }, { body, contentType: PATCH_MEDIA_TYPES[type] });
}

/** Deletes one object. */
export function remove(path: string, { signal, ...options }: DeleteObjectOptions): KubeRequest {
  return request("DELETE", path, { signal }, deleteBody(options));
}

/** Deletes the objects of a collection that the selectors choose. */
export function removeList(path: string, options: DeleteListOptions): KubeRequest {
  const { dryRun, gracePeriodSeconds, orphanDependents, preconditions, propagationPolicy, ...others } =
    options;
  const { ignoreStoreReadErrorWithClusterBreakingPotential, ...selection } = others;
  const deletion = {
    dryRun,
    gracePeriodSeconds,
    ignoreStoreReadErrorWithClusterBreakingPotential,
    orphanDependents,
    preconditions,
    propagationPolicy,
  };
  return request("DELETE", path, selection, deleteBody(deletion));
}

const PATCH_MEDIA_TYPES: Record<Patch<unknown>["type"], string> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** Every query parameter there is. */
type AnyOptions = ListOptions & WatchOptions & CreateOptions & PodLogOptions & {
  force?: boolean;
  watch?: boolean;
};

/** A request whose query is the options, by their own names. */
function request(
  method: KubeMethod,
  path: string,
  { signal, ...query }: AnyOptions,
  more: Partial<KubeRequest> = {},
): KubeRequest {
  return { method, path, query, ...more, ...(signal && { signal }) };
}

/** A body rather than a query: only it can carry preconditions, and a server that gets one reads no query. */
function deleteBody({ dryRun, ...options }: Omit<DeleteObjectOptions, "signal">): Pick<KubeRequest, "body"> {
  const given = Object.entries({ ...options, dryRun: dryRun && [dryRun] }).filter(([, value]) =>
    value !== undefined
  );
  return given.length === 0 ? {} : { body: Object.fromEntries(given) };
}
