/**
 * The gate as those see it who ask it.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import type { Cluster } from "./cluster.ts";
import type { Program } from "./program.ts";
import { pass } from "./wait.ts";

/** What the gate says, with its HTTP status. */
export interface GateBody {
  readonly status: number;
  readonly ready: boolean;
  readonly waitingFor: readonly string[];
  readonly ageSeconds?: number;
  readonly stale?: string;
}

/** GETs `/healthz`. */
export async function answerOf(gate: Program): Promise<GateBody> {
  const response = await gate.get("/healthz");
  return { ...await response.json(), status: response.status };
}

/** Makes the gate's container ready as the kubelet's readiness probe does, until it is disposed of. */
export function readinessProbe(cluster: Cluster, { metadata }: Pod, gate: Program): AsyncDisposable {
  const stop = new AbortController();
  const work = (async () => {
    let told: boolean | undefined;
    while (!stop.signal.aborted) {
      const ready = await answerOf(gate).then(({ status }) => status === 200, () => false);
      if (ready !== told) {
        await cluster.kubelet.setContainerReady(
          metadata!.namespace!,
          metadata!.name!,
          "watchdoghealthz",
          ready,
        );
        told = ready;
      }
      await pass(100);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}
