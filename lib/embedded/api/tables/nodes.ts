/**
 * The tables of nodes and namespaces.
 *
 * @module
 */
import type { Namespace, Node } from "../../../../k8s/core_v1.ts";
import { age, type Column, name, text, wide } from "./column.ts";

/** What is shown of nodes. */
export const nodeColumns: readonly Column<Node>[] = [
  name,
  text("Status", "Whether the node is ready, and takes pods", statusOf),
  text("Roles", "What the node is for, by its labels", rolesOf),
  age,
  text("Version", "The kubelet's version", (node) => node.status?.nodeInfo?.kubeletVersion ?? ""),
  wide(text("Internal-IP", "The node's address in the cluster", (node) => address(node, "InternalIP"))),
  wide(text("External-IP", "The node's address outside", (node) => address(node, "ExternalIP"))),
  wide(text("OS-Image", "The node's system", (node) => node.status?.nodeInfo?.osImage || "<unknown>")),
  wide(text("Kernel-Version", "The node's kernel", kernelOf)),
  wide(text(
    "Container-Runtime",
    "What runs the containers",
    (node) => node.status?.nodeInfo?.containerRuntimeVersion || "<unknown>",
  )),
];

function statusOf({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const said = ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown";
  return spec?.unschedulable ? `${said},SchedulingDisabled` : said;
}

const roleKey = "kubernetes.io/role";
const rolePrefix = "node-role.kubernetes.io/";

function rolesOf({ metadata }: Node): string {
  const roles = Object.entries(metadata?.labels ?? {}).map(([key, value]) =>
    key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : key === roleKey ? value : ""
  );
  return [...new Set(roles.filter(Boolean))].sort().join(",") || "<none>";
}

function address({ status }: Node, wanted: string): string {
  return status?.addresses?.find(({ type }) => type === wanted)?.address ?? "<none>";
}

function kernelOf({ status }: Node): string {
  const { kernelVersion, architecture } = status?.nodeInfo ?? {};
  return (kernelVersion || "<unknown>") + (architecture ? ` (${architecture})` : "");
}

/** What is shown of namespaces. */
export const namespaceColumns: readonly Column<Namespace>[] = [
  name,
  text("Status", "Whether the namespace is in use or ending", ({ status }) => status?.phase ?? ""),
  age,
];
