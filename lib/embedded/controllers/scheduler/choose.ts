/**
 * On which node a pod is to run.
 *
 * @module
 */
import type { Node, Pod } from "../../../../k8s/core_v1.ts";
import { isFinished } from "../objects/pods.ts";
import { obstacle } from "./fit.ts";

/** A place for the pod, or why there is none. */
export type Choice = { readonly place: Place } | { readonly unschedulable: string };

/** Whether the pod waits for a node, and for nothing else. */
export function waitsForNode({ metadata, spec, status }: Pod): boolean {
  return !spec?.nodeName && !metadata?.deletionTimestamp && !isFinished({ status }) &&
    (spec?.schedulerName ?? "default-scheduler") === "default-scheduler" &&
    (spec?.schedulingGates ?? []).length === 0;
}

/** A node, and how many pods it has. */
export interface Place {
  readonly node: Node;
  held: number;
}

/** The nodes with the pods that they have; those that have finished take no room. */
export function placesOf(nodes: readonly Node[], pods: readonly Pod[]): Place[] {
  const held = Map.groupBy(pods.filter((pod) => !isFinished(pod)), ({ spec }) => spec?.nodeName);
  return nodes.map((node) => ({ node, held: held.get(node.metadata!.name!)?.length ?? 0 }));
}

/** Chooses among the places that can take the pod the one with the fewest pods. */
export function choose(pod: Pod, places: readonly Place[]): Choice {
  const looks = places.map((place) => ({ place, obstacle: obstacle(pod, place.node, place.held) }));
  const [best] = looks.filter((look) => look.obstacle === undefined).map(({ place }) => place).sort(byRoom);
  return best ? { place: best } : { unschedulable: wordsFor(looks.map((look) => look.obstacle!)) };
}

function byRoom(a: Place, b: Place): number {
  return a.held - b.held || (a.node.metadata!.name! < b.node.metadata!.name! ? -1 : 1);
}

/** As kube-scheduler words it, with what it says of preemption: nothing ever gives way here. */
function wordsFor(obstacles: readonly string[]): string {
  if (obstacles.length === 0) return "no nodes available to schedule pods";
  const none = `0/${obstacles.length} nodes are available:`;
  const preemption = obstacles.map((one) =>
    one === "Too many pods"
      ? "No preemption victims found for incoming pod"
      : "Preemption is not helpful for scheduling"
  );
  return `${none} ${counted(obstacles)}. preemption: ${none} ${counted(preemption)}.`;
}

function counted(words: readonly string[]): string {
  const different = [...new Set(words)];
  return different.map((one) => `${words.filter((word) => word === one).length} ${one}`).sort().join(", ");
}
