/**
 * What a probe costs at the least, and what it costs by Deno's fetch: on this machine, at the prober's pace.
 *
 * @module
 */
import { addressOf, type Caller, type Load } from "./caller.ts";

/** One probe of an address and port. */
export type Once = (address: string, port: number) => Promise<void>;

/** Probes start in small groups, as the prober's own do, milliseconds. */
const every = 20;

const encoder = new TextEncoder();
const buffer = new Uint8Array(4096);

/** A bare TCP connection that sends a request and reads once. */
export async function tcpOnce(hostname: string, port: number): Promise<void> {
  const connection = await Deno.connect({ hostname, port });
  await connection.write(encoder.encode(`GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`));
  const count = await connection.read(buffer);
  connection.close();
  if (!count) throw new Error(`no answer from ${hostname}`);
}

/** Deno's fetch, over a fresh connection. */
export async function fetchOnce(hostname: string, port: number): Promise<void> {
  const headers = { connection: "close" };
  const response = await fetch(`http://${hostname}:${port}/`, { headers, signal: AbortSignal.timeout(5000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`HTTP ${response.status} from ${hostname}`);
}

/** Calls `once` for every pod within an interval, evenly. */
export function paced({ pods, port, interval }: Load, once: Once): Caller {
  const round = async () => {
    const began = performance.now();
    const calls: Promise<void>[] = [];
    while (calls.length < pods) {
      await new Promise((resolve) => setTimeout(resolve, every));
      const due = Math.min(pods, Math.ceil(pods * (performance.now() - began) / interval));
      while (calls.length < due) calls.push(once(addressOf(calls.length), port));
    }
    await Promise.all(calls);
    return pods;
  };
  let warm = false;
  return {
    async begin() {
      if (!warm) await round();
      warm = true;
    },
    interval: round,
    end() {},
  };
}
