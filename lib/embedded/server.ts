/**
 * The API's server: HTTPS, with a certificate of its own.
 *
 * @module
 */
import type { Hono } from "hono";
import { type Clock, sleep } from "../runtime/clock.ts";
import { selfSigned } from "./certificate.ts";

/** An API server that listens. */
export interface ApiServer {
  readonly url: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  /** Ends it; watches are to have ended before. */
  end(): Promise<void>;
}

/** How long clients may take to hear the ends of their watches, milliseconds. */
const partingTime = 500;

/**
 * Serves an app.
 *
 * @throws Deno.errors.AddrInUse and what else listening throws
 */
export async function listen(
  app: Hono,
  { hostname, port }: { readonly hostname: string; readonly port: number },
  clock: Clock,
): Promise<ApiServer> {
  const { cert, key } = await selfSigned(hostname, clock.now());
  const server = Deno.serve({ hostname, port, cert, key, onListen: () => {} }, app.fetch);
  return {
    url: `https://${hostname}:${port}`,
    ca: cert,
    async end() {
      const parted = new AbortController();
      await Promise.race([server.shutdown(), sleep(clock, partingTime, parted.signal)]);
      parted.abort();
      // A client that was killed may leave a connection that never ends: it must not keep this process.
      server.unref();
    },
  };
}
