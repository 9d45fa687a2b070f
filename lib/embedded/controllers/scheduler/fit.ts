/**
 * Which nodes can take a pod, and why the others cannot.
 *
 * @module
 */
import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  Taint,
  Toleration,
} from "../../../../k8s/core_v1.ts";
import type { LabelSelectorRequirement } from "../../../../k8s/meta_v1.ts";
import { matches } from "../../../kube/label_selector.ts";

/** Why a node cannot take a pod, in kube-scheduler's words. */
export type Obstacle =
  | "node(s) were unschedulable"
  | "node(s) had untolerated taint(s)"
  | "node(s) didn't match Pod's node affinity/selector"
  | "Too many pods";

/** What nodes that are not to get pods would be tainted with. */
const notToBeUsed = {
  unschedulable: { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
  notReady: { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
} as const;

/**
 * The first thing that keeps a pod from a node; `undefined` where nothing does.
 *
 * @param held how many pods the node has
 */
export function obstacle(pod: Pod, node: Node, held: number): Obstacle | undefined {
  if (node.spec?.unschedulable && !isTolerated(notToBeUsed.unschedulable, pod)) {
    return "node(s) were unschedulable";
  }
  if (!taintsOf(node).every((taint) => isTolerated(taint, pod))) return "node(s) had untolerated taint(s)";
  if (!isChosen(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  return held < roomOf(node) ? undefined : "Too many pods";
}

/** The taints that keep pods away. A node that is not Ready is as if it had one. */
function taintsOf({ spec, status }: Node): Taint[] {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  const taints = (spec?.taints ?? []).filter(({ effect }) =>
    effect === "NoSchedule" || effect === "NoExecute"
  );
  return ready ? taints : [...taints, notToBeUsed.notReady];
}

function isTolerated(taint: Taint, { spec }: Pod): boolean {
  return (spec?.tolerations ?? []).some((one) => tolerates(one, taint));
}

function tolerates(
  { key = "", operator = "Equal", value = "", effect = "" }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return key !== "" && value === (taint.value ?? "");
}

/** Whether the pod's nodeSelector, and one of the terms of its affinity, fit the node. */
function isChosen({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    ?.nodeSelectorTerms;
  return matches({ matchLabels: spec?.nodeSelector }, labels) &&
    (terms === undefined || terms.some((term) => fitsTerm(term, node)));
}

/** A term without requirements fits no node. */
function fitsTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  { metadata }: Node,
): boolean {
  const fields = { "metadata.name": metadata?.name ?? "" };
  return matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((one) => fits(one, metadata?.labels ?? {})) &&
    matchFields.every((one) => fits(one, fields));
}

function fits(requirement: NodeSelectorRequirement, labels: Record<string, string>): boolean {
  const { key, operator, values = [] } = requirement;
  if (operator !== "Gt" && operator !== "Lt") {
    return matches({ matchExpressions: [requirement as LabelSelectorRequirement] }, labels);
  }
  const held = Number(Object.hasOwn(labels, key) ? labels[key] : NaN);
  return operator === "Gt" ? held > Number(values[0]) : held < Number(values[0]);
}

/** How many pods a node takes; one that does not say takes any number. */
function roomOf({ status }: Node): number {
  const pods = status?.allocatable?.pods ?? status?.capacity?.pods;
  return pods === undefined ? Infinity : Number(pods);
}
