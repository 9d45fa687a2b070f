/**
 * The gate's server.
 *
 * @module
 */
import { Hono } from "hono";
import type { GateHealth } from "./health.ts";

/** What the gate answers from: the health now, and why it may be old. */
export interface GateAnswer {
  readonly health: GateHealth;
  /** In words, for instance how long the API server has not answered; `undefined` where the state is current. */
  readonly stale: string | undefined;
}

/** GET `/healthz`: 200 while the pod may be ready, else 500; the body says what is missing. */
export function gateApp(answer: () => GateAnswer): Hono {
  return new Hono().get("/healthz", (c) => {
    const { health, stale } = answer();
    return c.json({ ...health, ...(stale !== undefined && { stale }) }, health.ready ? 200 : 500);
  });
}
