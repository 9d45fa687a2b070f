/**
 * From options to a client: what every program does first.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Registry } from "../runtime/metrics.ts";
import { findAccess } from "./find_access.ts";
import { RateLimit } from "./rate_limit.ts";
import { Transport } from "./transport.ts";

/** What a connection needs. */
export interface ConnectOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** The program, for the `user-agent`. */
  readonly program: string;
  readonly version: string;
  readonly registry?: Registry;
}

/** A way to the cluster, and the namespace that is meant where none is given. */
export interface Connection {
  readonly client: Transport;
  readonly namespace: string;
}

/** Requests a second on average and at once, over all of a program's calls but its Lease's. */
const perSecond = 100;
const burst = 200;

/**
 * Finds the cluster and the way to it. Nothing is asked of the API server yet.
 *
 * @throws WrongUse where no cluster is configured
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { clock, program, version, registry } = options;
  const access = await findAccess(options);
  const client = new Transport({
    access,
    clock,
    userAgent: `autocrane-${program}/${version}`,
    limit: new RateLimit({ perSecond, burst, clock }),
    ...(registry && { registry }),
  });
  return { client, namespace: access.namespace };
}
