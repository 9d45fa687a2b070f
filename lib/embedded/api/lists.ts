/**
 * Lists, whole or in pages.
 *
 * @module
 */
import type { ListMeta } from "../../../k8s/meta_v1.ts";
import { ApiError, badRequest, expired, invalid } from "./errors.ts";
import { type ApiObject, keyOf } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { isSelected, type Selection, selectionIn } from "./selection.ts";
import type { ObjectStore } from "./store.ts";

/** A list as the API answers with it, its objects still as they are kept. */
export interface Page {
  readonly metadata: ListMeta;
  readonly objects: readonly ApiObject[];
}

/** Where the next page begins, and of which version of the list it is; -1: of the newest. */
interface Token {
  readonly v: "meta.k8s.io/v1";
  readonly rv: number;
  readonly start: string;
}

/**
 * The objects that a list request asks for.
 *
 * @throws ApiError 400 for what cannot be read, 410 for a page whose list is too long ago
 */
export function listed(
  store: ObjectStore,
  resource: Resource,
  namespace: string | undefined,
  query: URLSearchParams,
): Page {
  const selection = selectionIn(query, resource);
  const token = tokenIn(query);
  const revision = revisionFor(store, query, token);
  const objects = objectsAt(store, resource, namespace, token, revision);
  return pageOf(objects, selection, limitIn(query), revision);
}

/** The most objects of a page. Whoever asks for any version at all ("0") gets everything. */
function limitIn(query: URLSearchParams): number {
  const text = query.get("limit") || "0";
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  const whole = query.get("resourceVersion") === "0" && !query.get("continue");
  return Number(text) <= 0 || whole ? Infinity : Number(text);
}

function tokenIn(query: URLSearchParams): Token | undefined {
  const text = query.get("continue");
  if (!text) return undefined;
  try {
    const token = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    if (Number.isInteger(token.rv) && typeof token.start === "string") return token;
  } catch {
    // It is told below, like every other token that is not one of ours.
  }
  throw badRequest("invalid continue token: continue key is not valid: this server gave no such key");
}

function tokenText(rv: number, start: string): string {
  const json = JSON.stringify({ v: "meta.k8s.io/v1", rv, start } satisfies Token);
  return btoa(json).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The version of the list that is asked for. */
function revisionFor(store: ObjectStore, query: URLSearchParams, token: Token | undefined): number {
  const text = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  refuseOddMatch(query, token);
  if (token) return token.rv < 0 ? store.revision : token.rv;
  const wanted = revisionIn(text);
  if (wanted > store.revision) throw tooLarge(wanted, store.revision);
  // With a limit, a version without a word about its match is meant exactly.
  const exact = match === "Exact" || (match === "" && wanted > 0 && limitIn(query) !== Infinity);
  return exact ? wanted : store.revision;
}

function refuseOddMatch(query: URLSearchParams, token: Token | undefined): void {
  const version = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const refuse = (message: string, field = "resourceVersionMatch") => refusedOption(field, message);
  if (token && version !== "" && version !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  if (query.has("sendInitialEvents")) {
    throw refuse("Forbidden: sendInitialEvents is forbidden for list", "sendInitialEvents");
  }
  if (match === "") return;
  if (token) throw refuse("Forbidden: resourceVersionMatch is forbidden when continue is provided");
  if (version === "") {
    throw refuse("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (match === "Exact" && version === "0") {
    throw refuse('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (match !== "Exact" && match !== "NotOlderThan") {
    throw refuse(`Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`);
  }
}

/** An option of a list or a watch that cannot be followed (meta/v1 ListOptions). */
export function refusedOption(field: string, message: string): ApiError {
  const reason = message.startsWith("Unsupported") ? "FieldValueNotSupported" : "FieldValueForbidden";
  return invalid("ListOptions", { group: "meta.k8s.io", resource: "" }, [{ field, message, reason }]);
}

/**
 * A resource version as a number; "" is 0.
 *
 * @param code what a caller is answered who sends none
 * @throws ApiError where it is none
 */
export function revisionIn(text: string, code: 400 | 500 = 400): number {
  if (/^\d{0,15}$/.test(text)) return Number(text);
  throw new ApiError(
    code,
    code === 400 ? "BadRequest" : "InternalError",
    `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  );
}

/** The version is still to come. */
export function tooLarge(wanted: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return new ApiError(504, "Timeout", message, { causes, retryAfterSeconds: 1 });
}

/** The objects of a version of the list, from where the token says. */
function objectsAt(
  store: ObjectStore,
  { storage }: Resource,
  namespace: string | undefined,
  token: Token | undefined,
  revision: number,
): ApiObject[] {
  try {
    const objects = store.list(storage, namespace, revision);
    return token ? objects.filter((object) => keyOf(object) >= token.start) : objects;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status.code !== 410) throw error;
    throw token ? tooOldToResume(token) : expired("The resourceVersion for the provided list is too old.");
  }
}

/** A list that is too long ago, and how its caller can go on with the newest one. */
function tooOldToResume({ start }: Token): ApiError {
  const refusal = expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new " +
      "list without the continue parameter, or use the continue token in this response to retrieve the " +
      "remainder of the results, which may then be inconsistent with what you have seen so far.",
  );
  Object.assign(refusal.status.metadata!, { continue: tokenText(-1, start) });
  return refusal;
}

/** The first objects that are meant; the next page begins at the first that is left. */
function pageOf(
  objects: readonly ApiObject[],
  selection: Selection,
  limit: number,
  revision: number,
): Page {
  const selected = objects.filter((object) => isSelected(selection, object));
  const rest = selected.slice(limit);
  const resourceVersion = String(revision);
  if (rest.length === 0) return { metadata: { resourceVersion }, objects: selected };
  const selects = selection.fields.length > 0 || (selection.labels.matchExpressions ?? []).length > 0;
  return {
    metadata: {
      resourceVersion,
      // Behind the last one, whatever comes to stand there.
      continue: tokenText(revision, `${keyOf(selected[limit - 1]!)}\0`),
      // A server that selects does not know how many are left.
      ...(!selects && { remainingItemCount: rest.length }),
    },
    objects: selected.slice(0, limit),
  };
}
