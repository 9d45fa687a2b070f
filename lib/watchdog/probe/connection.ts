/**
 * A connection for one probe: plain, or TLS without verification, as the kubelet's probes are.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { connect as connectTls } from "node:tls";

/** Where to connect. */
export interface Endpoint {
  readonly scheme: "http" | "https";
  /** An IP address, IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Bytes to one server and back. */
export interface Connection {
  /** Sends all of it. */
  write(bytes: Uint8Array): Promise<void>;
  /** What comes next; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  close(): void;
}

/** Opens a fresh connection. The signal closes it, at whatever stage it is. */
export function open(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
  return endpoint.scheme === "https" ? openTls(endpoint, signal) : openPlain(endpoint, signal);
}

async function openPlain({ address, port }: Endpoint, signal: AbortSignal): Promise<Connection> {
  const conn = await Deno.connect({ hostname: address, port, signal, autoSelectFamily: false });
  // The signal ends a connection that is being made; a made one is closed here.
  const close = () => {
    signal.removeEventListener("abort", close);
    try {
      conn.close();
    } catch {
      // It was closed already, by the signal or by us.
    }
  };
  signal.addEventListener("abort", close);
  // It may have aborted just as the connection was made, too late for the one and too early for the other.
  if (signal.aborted) {
    close();
    throw signal.reason;
  }
  return {
    async write(bytes) {
      for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    },
    async read() {
      const buffer = spare.pop() ?? new Uint8Array(4096);
      try {
        const count = await conn.read(buffer);
        return count === null ? undefined : buffer.slice(0, count);
      } finally {
        spare.push(buffer);
      }
    },
    close,
  };
}

/** Buffers that no read uses now, as many as were ever used at once: a new one each would outlive its probe. */
const spare: Uint8Array<ArrayBuffer>[] = [];

/** Deno's own TLS always verifies; the Node one takes `rejectUnauthorized: false` for a single connection. */
function openTls({ address, port }: Endpoint, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connectTls({ host: address, port, rejectUnauthorized: false });
    const close = () => {
      signal.removeEventListener("abort", close);
      socket.destroy();
    };
    signal.addEventListener("abort", close);
    const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
    socket.once("secureConnect", () => {
      resolve({
        write: (bytes) =>
          new Promise((written, failed) => socket.write(bytes, (error) => error ? failed(error) : written())),
        async read() {
          const { done, value } = await chunks.next();
          return done ? undefined : value;
        },
        close,
      });
    });
  });
}
