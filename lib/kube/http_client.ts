/**
 * The connection pool to one API server, renewed when what it was made with has changed.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Access } from "./access.ts";
import type { ClientCertificate } from "./credentials.ts";

/** Longest that a certificate authority is trusted before its file is read again, milliseconds. */
const caAgeMs = 60_000;

/** Makes Deno HTTP clients that trust the cluster's CA and present the client certificate. */
export class HttpClients {
  readonly #access: Access;
  readonly #clock: Clock;
  #ca: { value: string | undefined; until: number } | undefined;
  #current: { client: Deno.HttpClient; madeWith: string } | undefined;

  constructor(access: Access, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** The client to use now. A changed CA or certificate makes a new one; calls under way keep the old. */
  async get(certificate: ClientCertificate | undefined): Promise<Deno.HttpClient> {
    const ca = await this.#trusted();
    const madeWith = `${ca}\n${certificate?.cert}\n${certificate?.key}`;
    if (this.#current?.madeWith === madeWith) return this.#current.client;
    // HTTP/2 would share one connection of 100 streams between all watches, and a peer that vanished
    // silently would block every later request on it (docs/decisions/0002-http-1-1.md).
    const client = Deno.createHttpClient({
      http2: false,
      ...(ca !== undefined && { caCerts: [ca] }),
      ...certificate,
    });
    this.#current?.client.close();
    this.#current = { client, madeWith };
    return client;
  }

  /** Closes idle connections. */
  close(): void {
    this.#current?.client.close();
    this.#current = undefined;
  }

  async #trusted(): Promise<string | undefined> {
    const now = this.#clock.monotonic();
    if (!this.#ca || now >= this.#ca.until) {
      this.#ca = { value: await this.#access.ca(), until: now + caAgeMs };
    }
    return this.#ca.value;
  }
}
