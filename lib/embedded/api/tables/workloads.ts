/**
 * The tables of what makes pods, and of their budgets.
 *
 * @module
 */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "../../../../k8s/apps_v1.ts";
import type { PodDisruptionBudget } from "../../../../k8s/policy_v1.ts";
import { age, type Column, containers, count, name, text, wide } from "./column.ts";
import { labelsText, selectorText } from "./labels.ts";

const selectorOfPods = "Which pods belong to it";

/** What is shown of Deployments. */
export const deploymentColumns: readonly Column<Deployment>[] = [
  name,
  text(
    "Ready",
    "Ready pods of those wanted",
    ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
  ),
  text("Up-to-date", "Pods made from the newest template", ({ status }) => status?.updatedReplicas ?? 0),
  text("Available", "Pods that have been ready long enough", ({ status }) => status?.availableReplicas ?? 0),
  age,
  ...containers,
  wide(text("Selector", selectorOfPods, ({ spec }) => selectorText(spec?.selector))),
];

/** What is shown of ReplicaSets. */
export const replicaSetColumns: readonly Column<ReplicaSet>[] = [
  name,
  count("Desired", "Pods wanted", ({ spec }) => spec?.replicas ?? 0),
  count("Current", "Pods that are there", ({ status }) => status?.replicas ?? 0),
  count("Ready", "Pods that are ready", ({ status }) => status?.readyReplicas ?? 0),
  age,
  ...containers,
  wide(text("Selector", selectorOfPods, ({ spec }) => selectorText(spec?.selector) || "<none>")),
];

/** What is shown of StatefulSets. */
export const statefulSetColumns: readonly Column<StatefulSet>[] = [
  name,
  text(
    "Ready",
    "Ready pods of those wanted",
    ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
  ),
  age,
  ...containers,
];

/** What is shown of DaemonSets. */
export const daemonSetColumns: readonly Column<DaemonSet>[] = [
  name,
  count("Desired", "Nodes that should run a pod of it", ({ status }) => status?.desiredNumberScheduled ?? 0),
  count("Current", "Nodes that should run one and do", ({ status }) => status?.currentNumberScheduled ?? 0),
  count("Ready", "Nodes on which its pod is ready", ({ status }) => status?.numberReady ?? 0),
  count(
    "Up-to-date",
    "Nodes with a pod made from the newest template",
    ({ status }) => status?.updatedNumberScheduled ?? 0,
  ),
  count(
    "Available",
    "Nodes whose pod has been ready long enough",
    ({ status }) => status?.numberAvailable ?? 0,
  ),
  text(
    "Node Selector",
    "Labels that a node must have",
    ({ spec }) => labelsText(spec?.template?.spec?.nodeSelector),
  ),
  age,
  ...containers,
  wide(text("Selector", selectorOfPods, ({ spec }) => selectorText(spec?.selector) || "<none>")),
];

/** What is shown of PodDisruptionBudgets. */
export const budgetColumns: readonly Column<PodDisruptionBudget>[] = [
  name,
  text("Min Available", "How many pods must stay", ({ spec }) => String(spec?.minAvailable ?? "N/A")),
  text("Max Unavailable", "How many pods may be away", ({ spec }) => String(spec?.maxUnavailable ?? "N/A")),
  count(
    "Allowed Disruptions",
    "How many pods may be evicted now",
    ({ status }) => status?.disruptionsAllowed ?? 0,
  ),
  age,
];
