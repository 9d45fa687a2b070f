/**
 * Answers as HTTP responses, in the form that the caller's Accept asks for.
 *
 * @module
 */
import type { ListMeta } from "../../../k8s/meta_v1.ts";
import type { Answer } from "./calls.ts";
import { ApiError } from "./errors.ts";
import type { ApiObject } from "./objects.ts";
import { eventBody, listBody } from "./rendering.ts";
import { shown } from "./representation.ts";
import type { Resource } from "./resources.ts";
import { type IncludeObject, includeObjectIn, tableOf } from "./tables/table.ts";
import type { WatchedEvent } from "./watches.ts";

/** In which form objects are wanted. */
export type Form =
  | { readonly as: "itself" }
  | { readonly as: "metadata"; readonly list: boolean }
  | { readonly as: "table"; readonly includeObject: IncludeObject };

/**
 * The form that a request asks for: the first of its Accept header that there is.
 *
 * @throws ApiError 406 where there is none of them
 */
export function formIn(accept: string, query: URLSearchParams): Form {
  for (const range of accept === "" ? ["*/*"] : accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((one) => one.trim());
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const as = parameters.find((one) => one.startsWith("as="))?.slice(3);
    const v1 = parameters.every((one) => !one.startsWith("v=") || one === "v=v1");
    if (as === undefined) return { as: "itself" };
    if (as === "Table" && v1) {
      return { as: "table", includeObject: includeObjectIn(query.get("includeObject")) };
    }
    if (as === "PartialObjectMetadata" && v1) return { as: "metadata", list: false };
    if (as === "PartialObjectMetadataList" && v1) return { as: "metadata", list: true };
  }
  throw notAcceptable();
}

function notAcceptable(): ApiError {
  const message =
    "only the following media types are accepted: application/json (this is AutoCrane's embedded " +
    "cluster, which speaks no protobuf)";
  return new ApiError(406, "NotAcceptable", message);
}

/** What a response needs to know beside the answer. */
export interface Circumstances {
  /** Milliseconds since 1970, for the ages in tables; in a watch, of each event. */
  readonly now: () => number;
  /** Called when the caller goes away before a watch ends. */
  readonly stop: () => void;
}

/** The response that carries an answer. */
export function responseOf(answer: Answer, form: Form, { now, stop }: Circumstances): Response {
  switch (answer.kind) {
    case "object":
      return json(objectBody(answer.resource, answer.object, form, now()), answer.code, answer.warnings);
    case "list":
      return json(pageBody(answer, form, now()), 200);
    case "plain":
      return json(answer.body, answer.code);
    case "log":
      return new Response(answer.stream, { headers: { "content-type": "text/plain" } });
    case "events":
      return new Response(lines(answer.resource, answer.events, form, { now, stop }), {
        headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
      });
  }
}

/** A refusal as a response. */
export function refusal({ status }: ApiError): Response {
  const seconds = status.details?.retryAfterSeconds;
  return json(status, status.code, [], seconds === undefined ? {} : { "retry-after": String(seconds) });
}

function json(
  body: object,
  status: number,
  warnings: readonly string[] = [],
  more: Record<string, string> = {},
): Response {
  const headers = new Headers({ "content-type": "application/json", ...more });
  for (const text of warnings) headers.append("warning", `299 - ${JSON.stringify(text)}`);
  return new Response(`${JSON.stringify(body)}\n`, { status, headers });
}

function objectBody(resource: Resource, object: ApiObject, form: Form, now: number): object {
  if (form.as === "itself") return shown(resource, object);
  if (form.as === "metadata" && form.list) throw notAcceptable();
  if (form.as === "metadata") return partial(object);
  return tableBody(resource, [object], form.includeObject, now, {
    resourceVersion: object.metadata.resourceVersion,
  });
}

function pageBody({ resource, page }: Extract<Answer, { kind: "list" }>, form: Form, now: number): object {
  if (form.as === "itself") return listBody(resource, page);
  if (form.as === "metadata" && !form.list) throw notAcceptable();
  if (form.as === "metadata") {
    const items = page.objects.map(partial);
    return {
      kind: "PartialObjectMetadataList",
      apiVersion: "meta.k8s.io/v1",
      metadata: page.metadata,
      items,
    };
  }
  return tableBody(resource, page.objects, form.includeObject, now, page.metadata);
}

function tableBody(
  resource: Resource,
  objects: readonly ApiObject[],
  includeObject: IncludeObject,
  now: number,
  metadata: ListMeta,
  columns = true,
): object {
  return tableOf(resource, objects, { includeObject, now, columns, metadata });
}

function partial({ metadata }: ApiObject): object {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

/** Events, one a line. */
function lines(
  resource: Resource,
  events: AsyncIterable<WatchedEvent>,
  form: Form,
  { now, stop }: Circumstances,
): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let columns = true;
  return new ReadableStream({
    async pull(stream) {
      const { done, value } = await iterator.next();
      if (done) return stream.close();
      stream.enqueue(encoder.encode(`${JSON.stringify(formed(resource, value, form, now(), columns))}\n`));
      if (value.type !== "BOOKMARK") columns = false;
    },
    cancel: stop,
  }, { highWaterMark: 0 });
}

function formed(resource: Resource, event: WatchedEvent, form: Form, now: number, columns: boolean): object {
  if (form.as === "itself" || event.type === "ERROR") return eventBody(resource, event);
  if (event.type === "BOOKMARK") {
    const bookmark = eventBody(resource, event);
    return form.as === "metadata" ? { ...bookmark, object: partial(bookmark.object as ApiObject) } : bookmark;
  }
  const { type, object } = event;
  if (form.as === "metadata") return { type, object: partial(object) };
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  return { type, object: tableBody(resource, [object], form.includeObject, now, metadata, columns) };
}
