/**
 * Carries the generated calls to an API server over HTTP/1.1.
 *
 * @module
 */
import type { KubeClient, KubeRequest, WatchEvent } from "../../k8s/client.ts";
import { Backoff, type Random } from "../runtime/backoff.ts";
import { type Clock, sleep, unlessAborted } from "../runtime/clock.ts";
import { Failure } from "../runtime/failure.ts";
import { Counter, type Registry } from "../runtime/metrics.ts";
import type { Access } from "./access.ts";
import type { Proof } from "./credentials.ts";
import { BadAnswer, isStatus, KubeError, NoCredentials, type StatusLike, Unreachable } from "./errors.ts";
import { HttpClients } from "./http_client.ts";
import { jsonLines } from "./json_lines.ts";
import type { RateLimit } from "./rate_limit.ts";
import { textChunks } from "./text_chunks.ts";

/** What a transport is made of. */
export interface TransportOptions {
  readonly access: Access;
  readonly clock: Clock;
  /** Sent as `user-agent`: the API server's audit log and priority levels show it. */
  readonly userAgent: string;
  readonly limit?: RateLimit;
  /** Longest that a call may take (for a watch: until it begins), milliseconds. */
  readonly timeout?: number;
  /** How often a call that is safe to repeat is repeated. */
  readonly retries?: number;
  /** Milliseconds that are left for a call that changes something; asked just before it is sent. */
  readonly mayWrite?: () => number;
  readonly registry?: Registry;
  readonly random?: Random;
}

/** A call that changes something was not made, as its time to do so was over. */
export class WriteRefused extends Error {
  override readonly name = "WriteRefused";
}

/** What to make of an answer's body. */
type Read<R> = (body: ReadableStream<Uint8Array>) => Promise<R>;

/** The way to one API server. Safe repetitions, time limits and rate limits happen here and nowhere else. */
export class Transport implements KubeClient {
  readonly #options: TransportOptions;
  readonly #clients: HttpClients;
  readonly #requests: Counter<"method" | "code"> | undefined;

  constructor(options: TransportOptions, shared?: Transport) {
    this.#options = options;
    this.#clients = shared ? shared.#clients : new HttpClients(options.access, options.clock);
    this.#requests = shared ? shared.#requests : options.registry && new Counter({
      name: "autocrane_kubernetes_requests_total",
      help: "Requests to the API server by method and HTTP status (0: no answer).",
      labelNames: ["method", "code"],
      registers: [options.registry],
    });
  }

  /** The same way with other manners: credentials, connections and metrics are shared. */
  with(changes: Partial<Pick<TransportOptions, "limit" | "timeout" | "retries" | "mayWrite">>): Transport {
    return new Transport({ ...this.#options, ...changes }, this);
  }

  async json<T>(request: KubeRequest): Promise<T> {
    return await this.#call(request, async (body) => this.#parsed(request, await textOf(body))) as T;
  }

  async text(request: KubeRequest): Promise<string> {
    return await this.#call(request, textOf);
  }

  async stream(request: KubeRequest): Promise<ReadableStream<Uint8Array>> {
    return await this.#call(request, (body) => Promise.resolve(body), true);
  }

  async *watch<T>(request: KubeRequest): AsyncIterable<WatchEvent<T>> {
    yield* jsonLines<WatchEvent<T>>(await this.stream(request));
  }

  /** Closes idle connections. Calls under way go on to their ends; their own signals and time limits cut them. */
  close(): void {
    this.#clients.close();
  }

  async #call<R>(
    request: KubeRequest,
    read: Read<R>,
    endless = false,
  ): Promise<R> {
    const { clock, retries = 3, random } = this.#options;
    const backoff = new Backoff({ initial: 500, max: 10_000, ...(random && { random }) });
    for (let attempt = 0;; attempt++) {
      try {
        return await this.#once(request, read, endless);
      } catch (error) {
        request.signal?.throwIfAborted();
        // A credential that was just refused may have been renewed meanwhile: once more, whatever the call.
        const renewed = attempt === 0 && isStatus(error, 401);
        if (!renewed && (attempt >= retries || !isSafeToRepeat(request, error))) throw error;
        const asked = error instanceof KubeError ? error.retryAfter : undefined;
        await sleep(clock, renewed ? 0 : asked ?? backoff.next(), request.signal);
        request.signal?.throwIfAborted();
      }
    }
  }

  /** One attempt, within its time limit. */
  async #once<R>(
    request: KubeRequest,
    read: Read<R>,
    endless: boolean,
  ): Promise<R> {
    const { clock, limit, timeout = 30_000 } = this.#options;
    await limit?.take(request.signal);
    request.signal?.throwIfAborted();
    const ms = Math.min(timeout, this.#left(request));
    const controller = new AbortController();
    const forward = () => controller.abort(request.signal?.reason);
    const untie = () => request.signal?.removeEventListener("abort", forward);
    request.signal?.addEventListener("abort", forward);
    let flowing = false;
    const cancel = clock.after(ms, () => controller.abort(new Error(`silent for ${ms / 1000} s`)));
    try {
      const response = await this.#fetch(request, controller.signal, endless);
      if (endless) cancel();
      flowing = endless;
      return await read(tied(response, controller.signal, untie));
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof WriteRefused || error instanceof Failure) throw error;
      this.#requests?.inc({ method: request.method, code: "0" });
      throw new Unreachable(request, this.#options.access.server, controller.signal.reason ?? error);
    } finally {
      cancel();
      // An endless answer stays tied to the caller's signal until it ends.
      if (!flowing) untie();
    }
  }

  /** Milliseconds that are left for a call. Throws where it changes something and none are. */
  #left({ method, path }: KubeRequest): number {
    const { mayWrite } = this.#options;
    const left = method === "GET" || !mayWrite ? Infinity : mayWrite();
    if (left <= 0) throw new WriteRefused(`Did not ${method} ${path}: the time for it was over.`);
    return left;
  }

  async #fetch(request: KubeRequest, signal: AbortSignal, endless: boolean): Promise<Response> {
    const { access, userAgent } = this.#options;
    const { proof, client } = await this.#ready(request, signal);
    const headers: Record<string, string> = {
      accept: request.accept ?? "application/json",
      "user-agent": userAgent,
    };
    // A watch from the beginning would come as one gzip member a flush; Deno reads only the first.
    if (endless) headers["accept-encoding"] = "identity";
    if (proof.authorization) headers.authorization = proof.authorization;
    if (request.body !== undefined) headers["content-type"] = request.contentType ?? "application/json";
    // Reading credentials took time, in which the process may even have been stopped.
    this.#left(request);
    const response = await fetch(access.server + request.path + queryOf(request), {
      method: request.method,
      headers,
      signal,
      client,
      redirect: "manual",
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    });
    this.#requests?.inc({ method: request.method, code: String(response.status) });
    if (response.ok) return response;
    throw await this.#refusal(request, response);
  }

  /** What a call needs to be made. A command that mints credentials may take longer than the call can wait. */
  async #ready(
    request: KubeRequest,
    signal: AbortSignal,
  ): Promise<{ proof: Proof; client: Deno.HttpClient }> {
    try {
      const proof = await unlessAborted(this.#options.access.credentials.proof(), signal);
      return { proof, client: await unlessAborted(this.#clients.get(proof.certificate), signal) };
    } catch (error) {
      throw signal.aborted ? new NoCredentials(request, signal.reason) : error;
    }
  }

  #parsed(request: KubeRequest, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new BadAnswer(request, this.#options.access.server, text, cause);
    }
  }

  async #refusal(request: KubeRequest, response: Response): Promise<KubeError> {
    const { access, limit } = this.#options;
    const status = await statusIn(response);
    // A date, which HTTP allows as well, is passed over: it would need the server's clock.
    const seconds = Number(response.headers.get("retry-after") || NaN);
    const error = new KubeError(request, response.status, status, seconds);
    if (response.status === 401) access.credentials.refused();
    if (isThrottling(error)) limit?.pause(error.retryAfter ?? 1000);
    return error;
  }
}

/**
 * An answer's body, which ends with an error when the signal aborts. Deno's fetch promises that too, but forgets
 * it when the response is collected while its body is still being read (seen with 2.9.6).
 *
 * @param ended called when nothing more can come, however that came about
 */
function tied({ body }: Response, signal: AbortSignal, ended: () => void): ReadableStream<Uint8Array> {
  const reader = (body ?? new Blob().stream()).getReader();
  return new ReadableStream({
    start(stream) {
      const end = () => {
        ended();
        stream.error(signal.reason);
        reader.cancel(signal.reason).catch(() => {});
      };
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    },
    async pull(stream) {
      const { done, value } = await reader.read().catch((error) => {
        ended();
        throw error;
      });
      if (signal.aborted) return;
      if (!done) return stream.enqueue(value);
      ended();
      stream.close();
    },
    cancel(reason) {
      ended();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  return (await Array.fromAsync(textChunks(body))).join("");
}

/** A 429 that asks all clients to slow down; an eviction that a budget refuses is 429 as well, but no such call. */
export function isThrottling(error: unknown): boolean {
  return isStatus(error, 429) && !error.hasCause("DisruptionBudget");
}

function isSafeToRepeat(request: KubeRequest, error: unknown): boolean {
  if (isThrottling(error)) return true;
  if (error instanceof NoCredentials) return true;
  if (error instanceof Unreachable) return error.unsent || request.method === "GET";
  if (error instanceof BadAnswer) return request.method === "GET";
  return error instanceof KubeError && error.status >= 500 && request.method === "GET";
}

function queryOf({ query }: KubeRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size > 0 ? `?${parameters}` : "";
}

async function statusIn(response: Response): Promise<StatusLike> {
  const text = await response.text();
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) return parsed as StatusLike;
  } catch {
    // Proxies and early start-up answer in plain text: shown as it is.
  }
  return { message: text.trim() || response.statusText };
}
