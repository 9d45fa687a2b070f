/**
 * The tables of ConfigMaps, Leases and Services.
 *
 * @module
 */
import type { Lease } from "../../../../k8s/coordination_v1.ts";
import type { ConfigMap, LoadBalancerStatus, Service, ServicePort } from "../../../../k8s/core_v1.ts";
import { age, type Column, name, text, wide } from "./column.ts";
import { labelsText } from "./labels.ts";

/** What is shown of ConfigMaps. */
export const configMapColumns: readonly Column<ConfigMap>[] = [
  name,
  text(
    "Data",
    "How many entries it has",
    ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
  ),
  age,
];

/** What is shown of Leases. */
export const leaseColumns: readonly Column<Lease>[] = [
  name,
  text("Holder", "Who holds it", ({ spec }) => spec?.holderIdentity ?? ""),
  age,
];

/** What is shown of Services. */
export const serviceColumns: readonly Column<Service>[] = [
  name,
  text("Type", "How it is reached", ({ spec }) => spec?.type ?? ""),
  text("Cluster-IP", "Its address in the cluster", ({ spec }) => spec?.clusterIPs?.[0] ?? "<none>"),
  text("External-IP", "Its addresses outside", externalAddress),
  text("Port(s)", "Its ports", ({ spec }) => (spec?.ports ?? []).map(portText).join(",") || "<none>"),
  age,
  wide(text("Selector", "Which pods it leads to", ({ spec }) => labelsText(spec?.selector))),
];

function externalAddress({ spec, status }: Service): string {
  const own = spec?.externalIPs ?? [];
  if (spec?.type === "ExternalName") return spec.externalName ?? "";
  if (spec?.type === "LoadBalancer") {
    return [...balancerAddresses(status?.loadBalancer), ...own].join(",") || "<pending>";
  }
  return own.join(",") || "<none>";
}

function balancerAddresses(balancer: LoadBalancerStatus | undefined): string[] {
  const all = (balancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "");
  return [...new Set(all.filter(Boolean))].sort();
}

function portText({ port, nodePort, protocol = "TCP" }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}
