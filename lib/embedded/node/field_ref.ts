/**
 * What the downward API tells a container of its pod.
 *
 * @module
 */
import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from "../../../k8s/core_v1.ts";
import { goQuote } from "./go_format.ts";
import { parseQuantity } from "./quantity.ts";

/** What is known of a pod beside its object: its object learns of it only later. */
export interface PodFacts {
  readonly podIP: string;
  readonly hostIP: string;
  /** What the node has: it stands for a limit that a container does not set. */
  readonly capacity: Readonly<Record<string, string>>;
}

/** A reference that cannot be followed, in the kubelet's words. */
export class BadReference extends Error {
  override readonly name = "BadReference";
}

/** What a map of somebody else's keys holds under one: `constructor` is a key like any other. */
export function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Labels or annotations as a downward API file: `key="value"` lines, sorted, with no last newline. */
export function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map).sort().map((key) => `${key}=${goQuote(map[key]!)}`).join("\n");
}

/**
 * The value of a field of a pod.
 *
 * @throws BadReference where the field is not offered
 */
export function fieldValue({ fieldPath }: ObjectFieldSelector, pod: Pod, facts: PodFacts): string {
  const [, map, key] = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath) ?? [];
  const { labels, annotations } = pod.metadata ?? {};
  if (map !== undefined) return own(map === "metadata.labels" ? labels : annotations, key!) ?? "";
  const value = own(fields, fieldPath)?.(pod, facts);
  if (value === undefined) throw new BadReference(`unsupported fieldPath: ${fieldPath}`);
  return value;
}

const fields: Readonly<Record<string, (pod: Pod, facts: PodFacts) => string>> = {
  "metadata.name": ({ metadata }) => metadata?.name ?? "",
  "metadata.namespace": ({ metadata }) => metadata?.namespace ?? "",
  "metadata.uid": ({ metadata }) => metadata?.uid ?? "",
  "metadata.labels": ({ metadata }) => formatMap(metadata?.labels),
  "metadata.annotations": ({ metadata }) => formatMap(metadata?.annotations),
  "spec.nodeName": ({ spec }) => spec?.nodeName ?? "",
  "spec.serviceAccountName": ({ spec }) => spec?.serviceAccountName ?? "",
  "status.podIP": (_, { podIP }) => podIP,
  "status.podIPs": (_, { podIP }) => podIP,
  "status.hostIP": (_, { hostIP }) => hostIP,
  "status.hostIPs": (_, { hostIP }) => hostIP,
};

/**
 * The value of a container's resource, in units of the divisor, rounded up.
 *
 * @param own the container that asks, where it names no other
 * @throws BadReference where the resource is not offered or the container does not exist
 */
export function resourceValue(
  { containerName, resource, divisor }: ResourceFieldSelector,
  pod: Pod,
  own: Container | undefined,
  { capacity }: PodFacts,
): string {
  const container = containerName ? containerNamed(pod, containerName) : own;
  if (!container) throw new BadReference(`container ${containerName ?? ""} not found`);
  const [, kind, name] = /^(limits|requests)\.(cpu|memory|ephemeral-storage)$/.exec(resource) ?? [];
  if (name === undefined) throw new BadReference(`unsupported container resource : ${resource}`);
  const { limits, requests } = container.resources ?? {};
  const amount = kind === "limits" ? limits?.[name] ?? capacity[name] : requests?.[name] ?? limits?.[name];
  const unit = parseQuantity(String(divisor ?? "1")) || 1;
  // 0.07 is 70.00000000000001 thousandths: what is no more than an error of the division is not rounded up.
  return String(Math.ceil(Number((parseQuantity(String(amount ?? "0")) / unit).toPrecision(12))));
}

function containerNamed({ spec }: Pod, name: string): Container | undefined {
  return [...spec?.containers ?? [], ...spec?.initContainers ?? []].find((one) => one.name === name);
}
