/**
 * Real HTTP servers behind pods: one socket that listens on all of loopback, told apart by address.
 *
 * @module
 */

/** What a pod's server does with a request. */
export type Behaviour = (request: Request) => Response | Promise<Response>;

/** Answers 200. */
export const healthy: Behaviour = (): Response => new Response("fine\n");
/** Answers 500. */
export const failing: Behaviour = (): Response => new Response("disk /data is full\n", { status: 500 });
/** Takes the request and never says anything. */
export const hanging: Behaviour = (): Promise<Response> => new Promise(() => {});

/** A request that a pod got. */
export interface Visit {
  readonly address: string;
  readonly path: string;
  readonly at: number;
}

/** The servers of all pods of a test. */
export class PodServers {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #stop = new AbortController();
  readonly visits: Visit[] = [];

  constructor() {
    const { signal } = this.#stop;
    this.#server = Deno.serve({ hostname: "0.0.0.0", port: 0, signal, onListen: () => {} }, (request) => {
      const { hostname, pathname } = new URL(request.url);
      this.visits.push({ address: hostname, path: pathname, at: Date.now() });
      return (this.#behaviours.get(hostname) ?? healthy)(request);
    });
  }

  /** The port on which every pod answers. */
  get port(): number {
    return this.#server.addr.port;
  }

  /** Makes the pod at `address` behave so from its next request on. */
  set(address: string, behaviour: Behaviour): void {
    this.#behaviours.set(address, behaviour);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#server.finished;
  }
}
