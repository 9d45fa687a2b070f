/**
 * Serving an app until the process is asked to end.
 *
 * @module
 */
import type { Hono } from "hono";
import { type Clock, sleep } from "../runtime/clock.ts";
import { exitCode, Failure, messageOf } from "../runtime/failure.ts";
import type { Log } from "../runtime/log.ts";

/** Where to listen, and until when. */
export interface ServeOptions {
  /** An address; empty for all of them, IPv4 and IPv6. */
  readonly hostname: string;
  /** A port; 0 lets the system choose one. */
  readonly port: number;
  /** Ends the server: requests under way are answered first, for at most {@link graceMs}. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Clock;
}

/** A server that listens. */
export interface Server {
  readonly port: number;
  /** Resolves when the server has ended. */
  readonly finished: Promise<void>;
}

/** Longest that requests under way may take once the end was asked for, milliseconds. */
export const graceMs = 5000;

/**
 * Listens and serves.
 *
 * @throws Failure where the address cannot be listened on
 */
export function serve(app: Hono, { hostname, port, signal, log, clock }: ServeOptions): Server {
  const server = listen(app, hostname, port, log);
  const ended = new Promise<void>((resolve) => {
    const end = () => resolve(Promise.race([server.shutdown(), sleep(clock, graceMs)]));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
  return { port: server.addr.port, finished: ended };
}

function listen(app: Hono, hostname: string, port: number, log: Log): Deno.HttpServer<Deno.NetAddr> {
  const onListen = (address: Deno.NetAddr) =>
    log.info("listening", { host: address.hostname, port: address.port });
  // "::" takes IPv4 too, but is refused where IPv6 is switched off.
  const candidates = hostname ? [hostname] : ["::", "0.0.0.0"];
  let failure: unknown;
  for (const candidate of candidates) {
    try {
      return Deno.serve({ hostname: candidate, port, onListen }, app.fetch);
    } catch (error) {
      failure = error;
    }
  }
  throw new Failure(
    `Cannot listen on ${hostname || "all addresses"}, port ${port}: ${messageOf(failure)}. ` +
      "Is another program there? LISTEN_PORT and LISTEN_HOST choose.",
    exitCode.couldNot,
    { cause: failure },
  );
}
