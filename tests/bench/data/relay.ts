/**
 * A relay on loopback that counts the bytes that a server sends.
 *
 * @module
 */

/** Relays connections to one address. */
export class CountingRelay implements AsyncDisposable {
  /** Bytes that came from the server, heads of answers and all. */
  received = 0;
  /** Requests, by the connections' first lines. */
  requests = 0;
  readonly #listener: Deno.TcpListener;
  readonly #target: Deno.ConnectOptions;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #work: Promise<void>;
  readonly #relays = new Set<Promise<void>>();

  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#target = { hostname, port: Number(port) };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#work = this.#accept();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of [...this.#open]) this.#close(connection);
    await this.#work;
    await Promise.all(this.#relays);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const relay = this.#relay(client).finally(() => this.#relays.delete(relay));
      this.#relays.add(relay);
    }
  }

  async #relay(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    try {
      const server = await Deno.connect(this.#target);
      this.#open.add(server);
      const both = [
        pipe(client, server, (bytes) => this.requests += requestsIn(bytes)),
        pipe(server, client, (bytes) => this.received += bytes.length),
      ];
      await Promise.race(both);
      this.#close(server);
      this.#close(client);
      await Promise.all(both);
    } finally {
      this.#close(client);
    }
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}

const buffers = 64 << 10;

/** Copies until either side ends. */
async function pipe(from: Deno.TcpConn, to: Deno.TcpConn, seen: (bytes: Uint8Array) => void): Promise<void> {
  const buffer = new Uint8Array(buffers);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      const bytes = buffer.subarray(0, count);
      seen(bytes);
      for (let sent = 0; sent < count;) sent += await to.write(bytes.subarray(sent));
    }
  } catch {
    // Either side may go away at any time; whoever asked sees it.
  }
}

function requestsIn(bytes: Uint8Array): number {
  return new TextDecoder().decode(bytes).split("GET ").length - 1;
}
