/**
 * Real servers on loopback that do with each connection what a test says.
 *
 * @module
 */
import { systemClock } from "../../../lib/runtime/clock.ts";
import { prober, type ProbeRequest, type ProbeResult } from "../../../lib/watchdog/probe/probe.ts";
import { settled } from "../../support/fake_clock.ts";

/** A server and what it has seen. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  /** The requests that were read, each as its head. */
  readonly requests: string[];
  /** Connections that were taken. */
  readonly accepted: () => number;
}

/** What a server does with a connection once the request was read. */
export type Handle = (conn: Deno.Conn, head: string) => Promise<void> | void;

/** How a server is set up. */
export interface ServerOptions {
  readonly hostname?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether the request is read before the connection is handled. */
  readonly read?: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Starts a server that reads each request and then handles its connection. */
export function serve(handle: Handle, options: ServerOptions = {}): Server {
  const { hostname = "127.0.0.1", tls, read = true } = options;
  const listener = tls ? Deno.listenTls({ hostname, port: 0, ...tls }) : Deno.listen({ hostname, port: 0 });
  const conns = new Set<Deno.Conn>();
  const requests: string[] = [];
  let accepted = 0;
  const take = async (conn: Deno.Conn) => {
    try {
      const head = read ? await readHead(conn) : "";
      if (read) requests.push(head);
      await handle(conn, head);
    } catch {
      // The prober may leave at any time.
    }
  };
  const accepting = (async () => {
    for (;;) {
      const conn = await listener.accept().catch(() => undefined);
      if (!conn) return;
      accepted++;
      conns.add(conn);
      void take(conn);
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    requests,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const conn of conns) closeQuietly(conn);
    },
  };
}

async function readHead(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) break;
    head += decoder.decode(buffer.subarray(0, count));
  }
  return head;
}

/** Closes a connection that may be closed already. */
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was.
  }
}

/** Sends a text and leaves the connection open. */
export async function send(conn: Deno.Conn, text: string | Uint8Array): Promise<void> {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** A server that gives every request the same answer and closes. */
export function answering(text: string | Uint8Array, options?: ServerOptions): Server {
  return serve(async (conn) => {
    await send(conn, text);
    conn.close();
  }, options);
}

/** Probes by the machine's clock. */
export const probe = prober({ clock: systemClock, userAgent: "test/1" });

/** A probe of a port on loopback. */
export function request(port: number, more: Partial<ProbeRequest> = {}): ProbeRequest {
  const signal = new AbortController().signal;
  return { scheme: "http", address: "127.0.0.1", port, path: "/", timeout: 20_000, signal, ...more };
}

/** Probes a port on loopback. */
export function probed(port: number, more: Partial<ProbeRequest> = {}): Promise<ProbeResult> {
  return probe(request(port, more));
}

/** Why a probe failed; it must have. */
export function whyOf(result: ProbeResult): string {
  if (result.ok) throw new Error(`a probe that was to fail found HTTP ${result.status}`);
  return `${result.kind}: ${result.why}`;
}

/** Lets the other end read what was sent to it: no time passes, only the event loop's turns. */
export async function taken(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await settled();
}

/** Waits until something is so, by the event loop's turns; what has not come after very many never will. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns === 10_000) throw new Error(`never came true: ${condition}`);
    await settled();
  }
}
