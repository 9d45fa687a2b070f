/**
 * The gate's server.
 *
 * @module
 */
import { Hono } from "hono";
import type { Knowledge } from "../../kube/own_pod.ts";
import type { GateHealth } from "./health.ts";

/** What the gate answers from: the health now, and how well the pod is known. */
export interface GateAnswer {
  readonly health: GateHealth;
  readonly knowledge: Knowledge;
}

/**
 * GET `/healthz`: 200 while the pod may be ready, else 500. The body says what is missing, how old what is
 * known of the pod is, and in `stale` why that may be too old.
 */
export function gateApp(answer: () => GateAnswer): Hono {
  return new Hono().get("/healthz", (c) => {
    const { health, knowledge: { age, trouble } } = answer();
    return c.json({
      ...health,
      ...(age !== undefined && { ageSeconds: Math.round(age / 1000) }),
      ...(trouble !== undefined && { stale: trouble }),
    }, health.ready ? 200 : 500);
  });
}
