/**
 * Requests as they go over the wire, with nothing in between that would repeat or soften them.
 *
 * @module
 */
import { equal, match, ok } from "node:assert/strict";
import type { Status } from "../../k8s/meta_v1.ts";
import { Watching } from "./watching.ts";

/** Query parameters by name; those that are `undefined` are not sent. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What may be said with a request beside its method and path. */
export interface Said {
  readonly query?: Query;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, whatever it says. */
export interface Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How to reach an API server. */
export interface Way {
  readonly server: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  readonly token: string;
}

/** A request was answered with another code than 2xx. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly answer: Answer;

  constructor(method: string, path: string, answer: Answer) {
    super(`${method} ${path}: ${answer.code}: ${answer.text.slice(0, 2000)}`);
    this.answer = answer;
  }

  /** The Status that says why. Throws where the answer is none. */
  get status(): Status {
    const status = JSON.parse(this.answer.text) as Status & { kind?: string };
    equal(status.kind, "Status");
    return status;
  }
}

/** The way to an API server. */
export class Api {
  readonly #way: Way;
  readonly #client: Deno.HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(way: Way, userAgent: string = "conformance/1", shared?: Api) {
    this.#way = way;
    this.#client = shared ? shared.#client : Deno.createHttpClient({ caCerts: [way.ca], http2: false });
    this.#headers = {
      authorization: `Bearer ${way.token}`,
      "user-agent": userAgent,
      // A watch may come as one gzip member a flush, of which Deno reads only the first.
      "accept-encoding": "identity",
    };
  }

  /** The same way, taken by a program of another name. */
  calledBy(userAgent: string): Api {
    return new Api(this.#way, userAgent, this);
  }

  /** Sends a request and reads the whole answer. */
  async call(method: string, path: string, said: Said = {}): Promise<Answer> {
    const response = await this.#fetch(method, path, said);
    return { code: response.status, headers: response.headers, text: await response.text() };
  }

  /**
   * Sends a request whose answer is JSON.
   *
   * @throws Refusal where it is not answered with 2xx
   */
  async json<T>(method: string, path: string, said: Said = {}): Promise<T> {
    const answer = await this.call(method, path, said);
    if (answer.code < 200 || answer.code > 299) throw new Refusal(method, path, answer);
    return JSON.parse(answer.text) as T;
  }

  /**
   * Opens a watch; when this returns, the server has begun to answer.
   *
   * @throws Refusal where it is not answered with 2xx
   */
  async watch<T>(path: string, said: Said = {}): Promise<Watching<T>> {
    const query = { watch: true, ...said.query };
    const response = await this.#fetch("GET", path, { ...said, query });
    if (response.ok) return new Watching<T>(response);
    const { status, headers } = response;
    throw new Refusal("GET", path, { code: status, headers, text: await response.text() });
  }

  /** Closes idle connections. */
  close(): void {
    this.#client.close();
  }

  async #fetch(method: string, path: string, { query, body, headers }: Said): Promise<Response> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    const asked = parameters.size > 0 ? `${path}?${parameters}` : path;
    return await fetch(this.#way.server + asked, {
      method,
      client: this.#client,
      headers: {
        ...this.#headers,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  }
}

/** What a refusal must say. */
export interface Expected {
  readonly code: number;
  /** The machine-readable word; `""` where the server gives none. */
  readonly reason?: string;
  /** The whole message, or what it must match. */
  readonly says?: string | RegExp;
  /** The field that one of the causes names. */
  readonly field?: string;
  /** The machine-readable word of one of the causes. */
  readonly cause?: string;
}

/** Waits until a request is refused, checks how, and returns the Status. */
export async function refused(request: Promise<unknown>, expected: Expected): Promise<Status> {
  const refusal = await request.then(
    (answer) => ({ done: answer }),
    (error: unknown) => {
      if (error instanceof Refusal) return error;
      throw error;
    },
  );
  if (!(refusal instanceof Refusal)) {
    throw new Error(
      `Expected ${expected.code}, but it was done: ${JSON.stringify(refusal.done).slice(0, 2000)}`,
    );
  }
  equal(refusal.answer.code, expected.code, refusal.message);
  checkStatus(refusal.status, expected);
  return refusal.status;
}

/** Checks what a Status says, of an answer or of an ERROR event. */
export function checkStatus(status: Status, { code, reason, says, field, cause }: Expected): void {
  const shown = JSON.stringify(status);
  equal(status.status, "Failure", shown);
  equal(status.code, code, shown);
  if (reason !== undefined) equal(status.reason ?? "", reason, shown);
  if (typeof says === "string") equal(status.message, says);
  if (says instanceof RegExp) match(status.message ?? "", says);
  const causes = status.details?.causes ?? [];
  if (field !== undefined) ok(causes.some((one) => one.field === field), `no cause at ${field}: ${shown}`);
  if (cause !== undefined) ok(causes.some((one) => one.reason === cause), `no cause ${cause}: ${shown}`);
}
