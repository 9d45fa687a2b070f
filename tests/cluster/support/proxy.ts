/**
 * A relay before the API server that can refuse, lie and fall silent.
 *
 * @module
 */

/** What to do with a request: nothing (it is relayed), an answer of our own, or another stream of what came. */
export type Fault = (request: Request, url: URL) =>
  | Response
  | "silence"
  | ((body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>)
  | undefined;

/** A relay on loopback, over plain HTTP. */
export class Proxy {
  readonly #target: string;
  readonly #client: Deno.HttpClient;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #cut = new Set<AbortController>();
  readonly #stop = new AbortController();
  /** What goes wrong now. */
  fault: Fault = () => undefined;
  /** Every request that came, by method and path with its query. */
  readonly requests: string[] = [];

  constructor({ server, ca }: { readonly server: string; readonly ca: string }) {
    this.#target = server;
    this.#client = Deno.createHttpClient({ caCerts: [ca], http2: false });
    const onError = () => new Response(null, { status: 502 });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal: this.#stop.signal, onListen: () => {}, onError },
      (request) => this.#relay(request),
    );
  }

  get server(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Cuts every connection that is open now. */
  cut(): void {
    for (const controller of this.#cut) controller.abort(new Error("cut"));
    this.#cut.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#stop.abort();
    await this.#server.finished;
    this.#client.close();
  }

  async #relay(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const fault = this.fault(request, url);
    if (fault === "silence") return await new Promise(() => {});
    if (fault instanceof Response) return fault;
    const controller = new AbortController();
    this.#cut.add(controller);
    const response = await fetch(`${this.#target}${url.pathname}${url.search}`, {
      method: request.method,
      headers: request.headers,
      signal: AbortSignal.any([controller.signal, request.signal]),
      client: this.#client,
      ...(request.body && { body: await request.bytes() }),
    });
    const body = response.body && fault ? fault(response.body) : response.body;
    return new Response(body, { status: response.status, headers: response.headers });
  }
}

/** A meta/v1 Status as an answer. */
export function statusResponse(
  code: number,
  status: Record<string, unknown>,
  headers: HeadersInit = {},
): Response {
  return Response.json({ kind: "Status", apiVersion: "v1", status: "Failure", code, ...status }, {
    status: code,
    headers,
  });
}
