/**
 * The API for those who live in the same process: the same answers, without a connection.
 *
 * @module
 */
import type { KubeClient, KubeRequest, WatchEvent } from "../../../k8s/client.ts";
import { KubeError } from "../../kube/errors.ts";
import type { Api } from "./api.ts";
import type { Answer } from "./calls.ts";
import { ApiError } from "./errors.ts";
import { copyOf } from "./objects.ts";
import { shown } from "./representation.ts";
import { eventBody, listBody } from "./rendering.ts";

/** A way to the API that needs no server. */
export class LocalClient implements KubeClient {
  readonly #api: Api;
  readonly #userAgent: string;

  /** @param userAgent whom managedFields name */
  constructor(api: Api, userAgent: string) {
    this.#api = api;
    this.#userAgent = userAgent;
  }

  json<T>(request: KubeRequest): Promise<T> {
    return Promise.resolve().then(() => copyOf(bodyOf(this.#answer(request))) as T);
  }

  async *watch<T>(request: KubeRequest): AsyncIterable<WatchEvent<T>> {
    const answer = this.#answer(request);
    if (answer.kind !== "events") throw new TypeError(`${request.path} is no watch`);
    for await (const event of answer.events) yield copyOf(eventBody(answer.resource, event)) as WatchEvent<T>;
    request.signal?.throwIfAborted();
  }

  async text(request: KubeRequest): Promise<string> {
    return await new Response(await this.stream(request)).text();
  }

  stream(request: KubeRequest): Promise<ReadableStream<Uint8Array>> {
    return Promise.resolve().then(() => {
      const answer = this.#answer(request);
      if (answer.kind === "log") return answer.stream;
      throw new TypeError(`${request.path} is no stream`);
    });
  }

  #answer(request: KubeRequest): Answer {
    const { method, path, body, contentType = "application/json", signal } = request;
    try {
      return this.#api.answer({
        method,
        path,
        query: queryOf(request),
        contentType,
        userAgent: this.#userAgent,
        signal: signal ?? new AbortController().signal,
        ...(body !== undefined && { body: copyOf(body) }),
      });
    } catch (error) {
      if (error instanceof ApiError) throw new KubeError(request, error.status.code, error.status);
      throw error;
    }
  }
}

function queryOf({ query = {} }: KubeRequest): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}

function bodyOf(answer: Answer): unknown {
  switch (answer.kind) {
    case "object":
      return shown(answer.resource, answer.object);
    case "list":
      return listBody(answer.resource, answer.page);
    case "plain":
      return answer.body;
  }
  throw new TypeError("the answer is a stream");
}
