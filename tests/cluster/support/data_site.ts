/**
 * A data repository and deployers that do at once what they are asked for: only AutoCrane is real.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { formatCatalogue } from "../../../lib/contract/data_catalogue.ts";
import {
  type DataStatus,
  type DataVersion,
  formatStatusReport,
  parseDataRequest,
} from "../../../lib/contract/data_version.ts";
import { prefix } from "../../../lib/contract/keys.ts";
import type { Cluster } from "./cluster.ts";

/** The source, and the name that it is deployed under. */
export const source = "config";

/** A repository of one source, and deployers at the addresses of pods. */
export class DataSite implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  readonly #repository: Deno.HttpServer<Deno.NetAddr>;
  readonly #ending = new AbortController();
  #versions: DataVersion[] = [];
  #pushed = Promise.withResolvers<void>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#repository = this.#serve("127.0.0.1", 0, (request) => this.#catalogue(request));
  }

  /** The repository's URL. */
  get url(): string {
    return `http://127.0.0.1:${this.#repository.addr.port}`;
  }

  /** The repository has one more version. */
  push(version: DataVersion): void {
    this.#versions.push(version);
    this.#pushed.resolve();
    this.#pushed = Promise.withResolvers();
  }

  /** From now on a deployer answers for this pod. */
  deploy({ metadata, status }: Pod): void {
    const { namespace, name } = metadata!;
    this.#serve(status!.podIP!, 8082, () => this.#report(namespace!, name!));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#pushed.resolve();
    await Promise.all(this.#servers.map((server) => server.shutdown()));
  }

  #serve(hostname: string, port: number, handle: (request: Request) => Response | Promise<Response>) {
    const server = Deno.serve({ hostname, port, onListen() {} }, handle);
    this.#servers.push(server);
    return server;
  }

  /** It waits for news where it is asked to, as the repository does. */
  async #catalogue(request: Request): Promise<Response> {
    const etag = () => `"${this.#versions.length}"`;
    const waits = request.headers.get("prefer")?.startsWith("wait=");
    if (waits && request.headers.get("if-none-match") === etag()) await this.#pushed.promise;
    if (request.headers.get("if-none-match") === etag()) return new Response(null, { status: 304 });
    const body = formatCatalogue(new Map([[source, { versions: this.#versions }]]));
    return new Response(body, { headers: { etag: etag() } });
  }

  async #report(namespace: string, name: string): Promise<Response> {
    const { metadata } = await this.#cluster.core.namespace(namespace).getPod(name);
    const value = metadata!.annotations?.[prefix.dataRequest + source];
    const request = value === undefined ? undefined : parseDataRequest(value);
    const statuses = new Map<string, DataStatus>();
    if (request && !("problem" in request)) {
      statuses.set(source, { ...request, state: "applied", message: "" });
    }
    return new Response(formatStatusReport(statuses));
  }
}
