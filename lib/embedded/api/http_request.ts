/**
 * HTTP requests, read.
 *
 * @module
 */
import type { Context } from "hono";
import { parse } from "yaml";
import { messageOf } from "../../runtime/failure.ts";
import type { ApiRequest } from "./calls.ts";
import { mediaType } from "./request_words.ts";
import { ApiError, badRequest, unsupportedMediaType } from "./errors.ts";

/** Most bytes of a request's body: as much as etcd takes of an object, and a half more. */
const mostBytes = 3 * 1024 * 1024;

/**
 * Reads a request.
 *
 * @param signal ends the watch that it may open
 * @throws ApiError 400, 413 or 415 where its body cannot be read
 */
export async function requestOf(
  c: Context,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<ApiRequest> {
  const contentType = c.req.header("content-type") ?? "application/json";
  const text = await textOf(c.req.raw);
  const body = text === "" ? undefined : bodyIn(text, contentType, c.req.header("kubectl-command") ?? "");
  return {
    method: c.req.method,
    path: new URL(c.req.url).pathname,
    query,
    contentType,
    userAgent: c.req.header("user-agent") ?? "",
    signal,
    ...(body !== undefined && { body }),
    ...(text !== "" && !isYaml(contentType) && { text }),
  };
}

function isYaml(contentType: string): boolean {
  return mediaType(contentType).endsWith("yaml");
}

/** The body as JSON has it. */
function bodyIn(text: string, contentType: string, command: string): unknown {
  const type = mediaType(contentType);
  if (type === "application/vnd.kubernetes.protobuf") {
    const advice = ": add --dry-run=client -o yaml and pipe it into kubectl apply -f -";
    throw unsupportedMediaType(
      "AutoCrane's embedded cluster speaks no protobuf, which kubectl sends for this command" +
        (command.startsWith("kubectl create") && !command.endsWith("token") ? advice : ""),
    );
  }
  if (!/^application\/([a-z.-]+\+)?(json|yaml)$/.test(type)) {
    throw unsupportedMediaType(
      "the body of the request was in an unknown format - accepted media types include: " +
        "application/json, application/yaml",
    );
  }
  try {
    return isYaml(contentType) ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${messageOf(error)}`);
  }
}

async function textOf(request: Request): Promise<string> {
  const tooLarge = () =>
    new ApiError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${mostBytes}`);
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw tooLarge();
  const text = await request.text();
  if (text.length > mostBytes) throw tooLarge();
  return text;
}
