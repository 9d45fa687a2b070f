/**
 * What the prober keeps of a pod.
 *
 * @module
 */
import type { Container, ContainerStatus, Pod } from "../../../k8s/core_v1.ts";
import type { PodUid } from "../../contract/ids.ts";
import { key, namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { type ProbeDefaults, probesOf, type ProbeSpec } from "../../contract/probe.ts";
import { type NamedStatus, statusesOf } from "../../contract/status.ts";
import { byteLength } from "../../contract/text.ts";
import { parseTime } from "../../contract/time.ts";
import { managedAnnotations } from "../../kube/managed_fields.ts";
import { type DeployedData, deployedData } from "../data/pod.ts";

/** A pod that has, or had, something to do with watchdogs or data. */
export interface ProbedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: PodUid;
  readonly resourceVersion: string;
  /** Where probes go; `undefined` where none may go. */
  readonly address: string | undefined;
  /** Whether every container that counts is ready. */
  readonly ready: boolean;
  /** `status.startTime` as Kubernetes gives it. */
  readonly started: string | undefined;
  readonly probes: readonly ProbeSpec[];
  readonly statuses: readonly NamedStatus[];
  /** Names for which somebody said when their status expires, and the bytes that this takes. */
  readonly expiries: ReadonlyMap<string, number>;
  /** Statuses that the prober wrote, whoever probes now: known by field manager. */
  readonly ours: readonly string[];
  readonly startedWritten: string | undefined;
  /** The health label as it stands. */
  readonly health: string | undefined;
  readonly labels: StringMap;
  /** What it deploys of data; `undefined` for nothing. */
  readonly data: DeployedData | undefined;
  /** Bytes that the annotations take that are no watchdog's status. */
  readonly foreignBytes: number;
}

/** What decides how a pod is read. */
export interface PodReading {
  readonly defaults: ProbeDefaults;
  /** Whether pods on their node's network are probed: their address is the node's. */
  readonly probeHostNetwork: boolean;
  /** The prober's field manager. */
  readonly fieldManager: string;
}

/** Trims pods for the prober; `undefined` for a pod that neither watchdogs nor data concern. */
export function podReader(reading: PodReading): (pod: Pod) => ProbedPod | undefined {
  const specs = new ProbeReader(reading.defaults);
  return (pod) => {
    const annotations = pod.metadata?.annotations ?? {};
    const probes = specs.read(annotations);
    const statuses = statusesOf(annotations);
    const health = pod.metadata?.labels?.[key.health];
    const data = deployedData(pod, reading);
    if (probes.length + statuses.length === 0 && health === undefined && !data) return undefined;
    return {
      namespace: pod.metadata?.namespace ?? "",
      name: pod.metadata?.name ?? "",
      uid: (pod.metadata?.uid ?? "") as PodUid,
      resourceVersion: pod.metadata?.resourceVersion ?? "",
      address: addressOf(pod, reading.probeHostNetwork),
      ready: isReady(pod),
      started: formatStarted(pod),
      probes,
      statuses,
      expiries: expiriesOf(annotations),
      ours: managedAnnotations(pod, reading.fieldManager, prefix.status),
      startedWritten: annotations[key.started],
      health,
      labels: pod.metadata?.labels ?? {},
      data,
      foreignBytes: foreignBytes(annotations),
    };
  };
}

const noProbes: readonly ProbeSpec[] = [];

/** Pods of one workload have the same probes: they are read once and shared. */
class ProbeReader {
  readonly #known = new Map<string, readonly ProbeSpec[]>();
  readonly #defaults: ProbeDefaults;

  constructor(defaults: ProbeDefaults) {
    this.#defaults = defaults;
  }

  read(annotations: StringMap): readonly ProbeSpec[] {
    const names = namesUnder(annotations, prefix.probe);
    if (names.length === 0) return noProbes;
    // Unambiguous whatever the texts hold: a pod must not be taken for another whose annotations join alike.
    const text = JSON.stringify(names.map((name) => [
      name,
      annotations[prefix.probe + name],
      annotations[prefix.probeOptions + name] ?? null,
    ]));
    let specs = this.#known.get(text);
    if (!specs) {
      specs = probesOf(annotations, this.#defaults);
      // A bound, not a cache policy: templates are few, and who generates a million pays for reading them.
      if (this.#known.size >= 10_000) this.#known.clear();
      this.#known.set(text, specs);
    }
    return specs;
  }
}

function addressOf({ metadata, spec, status }: Pod, probeHostNetwork: boolean): string | undefined {
  const gone = metadata?.deletionTimestamp !== undefined || status?.phase !== "Running";
  const elsewhere = spec?.hostNetwork && !probeHostNetwork;
  return gone || elsewhere ? undefined : status?.podIP;
}

function formatStarted({ status }: Pod): string | undefined {
  const instant = parseTime(status?.startTime ?? "");
  return instant === undefined ? undefined : status?.startTime;
}

/** Every container that counts is ready: not the gate, which waits for us; native sidecars count. */
function isReady({ spec, status }: Pod): boolean {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return allReady(spec?.containers ?? [], status?.containerStatuses) &&
    allReady(sidecars, status?.initContainerStatuses);
}

function allReady(containers: readonly Container[], statuses: readonly ContainerStatus[] = []): boolean {
  return containers.every((container) =>
    isGate(container) || statuses.some(({ name, ready }) => name === container.name && ready)
  );
}

/** The mode in which the gate runs, and the usual name of its container. */
const gateMode = "watchdoghealthz";

/** Whether a container is the gate: by its name, or by what it is told to run. */
export function isGate({ name, command, args, env }: Container): boolean {
  const replaced = env?.find((variable) => variable.name === "AUTOCRANE_ARGS")?.value?.trim();
  const first = replaced ? replaced.split(/\s+/)[0] : [...(command ?? []).slice(1), ...(args ?? [])][0];
  return name === gateMode || first?.toLowerCase() === gateMode;
}

const noExpiries: ReadonlyMap<string, number> = new Map();

function expiriesOf(annotations: StringMap): ReadonlyMap<string, number> {
  const names = namesUnder(annotations, prefix.statusExpiry);
  if (names.length === 0) return noExpiries;
  return new Map(names.map((name) => {
    const annotation = prefix.statusExpiry + name;
    return [name, byteLength(annotation) + byteLength(annotations[annotation]!)];
  }));
}

function foreignBytes(annotations: StringMap): number {
  let bytes = 0;
  for (const annotation in annotations) {
    if (!annotation.startsWith(prefix.status)) {
      bytes += byteLength(annotation) + byteLength(annotations[annotation]!);
    }
  }
  return bytes;
}
