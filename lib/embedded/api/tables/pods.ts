/**
 * The table of pods.
 *
 * @module
 */
import type { Pod } from "../../../../k8s/core_v1.ts";
import { age, type Column, name, text, wide } from "./column.ts";
import { humanDuration } from "./duration.ts";
import { stateOf } from "./pod_state.ts";

/** What is shown of pods. */
export const podColumns: readonly Column<Pod>[] = [
  name,
  text("Ready", "How many of the pod's containers are ready", (pod) => {
    const { ready, counted } = stateOf(pod);
    return `${ready}/${counted}`;
  }),
  text("Status", "What the pod's containers do", (pod) => stateOf(pod).reason),
  text("Restarts", "How often containers were restarted, and when one ended last", restarts),
  age,
  wide(text("IP", "The pod's address", ({ status }) => status?.podIPs?.[0]?.ip || "<none>")),
  wide(text("Node", "The node that the pod is bound to", ({ spec }) => spec?.nodeName || "<none>")),
  wide(text(
    "Nominated Node",
    "The node on which room is being made for the pod",
    ({ status }) => status?.nominatedNodeName || "<none>",
  )),
  wide(text("Readiness Gates", "How many of the pod's readiness gates are true", gates)),
];

function restarts(pod: Pod, now: number): string {
  const { restarts, lastEnd } = stateOf(pod);
  return restarts > 0 && lastEnd !== undefined
    ? `${restarts} (${humanDuration(now - lastEnd)} ago)`
    : String(restarts);
}

function gates({ spec, status }: Pod): string {
  const all = spec?.readinessGates ?? [];
  if (all.length === 0) return "<none>";
  const isTrue = (type: string) => status?.conditions?.find((one) => one.type === type)?.status === "True";
  return `${all.filter(({ conditionType }) => isTrue(conditionType)).length}/${all.length}`;
}
