/**
 * What the prober keeps of a pod's data: what it deploys, what it is asked to have, what was told of it.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { concernsData, podDataOf } from "../../contract/data.ts";
import {
  type DataStatus,
  type DataVersion,
  parseDataRequest,
  parseDataStatus,
} from "../../contract/data_version.ts";
import { namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { byteLength } from "../../contract/text.ts";
import { managedAnnotations } from "../../kube/managed_fields.ts";

/** A status annotation as it stands. */
export interface HeldStatus {
  /** `undefined` where it cannot be read. */
  readonly status: DataStatus | undefined;
  /** Whether the prober wrote it, whoever probes now: others' words count for nothing. */
  readonly ours: boolean;
  /** Bytes of its value. */
  readonly bytes: number;
}

/** A pod's data deployments. */
export interface DeployedData {
  /** Where its deployer answers, also before the pod runs: it may be what the pod waits for. */
  readonly address: string | undefined;
  /** Names of the data deployments, in order. */
  readonly names: readonly string[];
  /** What is asked for, by name: readable requests of deployments that there are. */
  readonly requests: ReadonlyMap<string, DataVersion>;
  readonly held: ReadonlyMap<string, HeldStatus>;
}

/** What decides how a pod's data is read. */
export interface DataReading {
  /** Whether pods on their node's network are asked: their address is the node's. */
  readonly probeHostNetwork: boolean;
  /** The prober's field manager. */
  readonly fieldManager: string;
}

/** Reads a pod's data; `undefined` where it deploys none and nothing of ours is left on it. */
export function deployedData(pod: Pod, reading: DataReading): DeployedData | undefined {
  const annotations = pod.metadata?.annotations ?? {};
  const told = namesUnder(annotations, prefix.dataStatus);
  if (told.length === 0 && !concernsData(annotations)) return undefined;
  const names = podDataOf(annotations).deployments.map(({ name }) => name);
  const held = heldOf(pod, annotations, told, reading.fieldManager);
  if (names.length === 0 && ![...held.values()].some(({ ours }) => ours)) return undefined;
  return {
    address: addressOf(pod, reading.probeHostNetwork),
    names,
    requests: requestsOf(annotations, names),
    held,
  };
}

function addressOf({ metadata, spec, status }: Pod, probeHostNetwork: boolean): string | undefined {
  const lives = status?.phase === "Running" || status?.phase === "Pending";
  const gone = metadata?.deletionTimestamp !== undefined || !lives;
  const elsewhere = spec?.hostNetwork && !probeHostNetwork;
  return gone || elsewhere ? undefined : status?.podIP;
}

function requestsOf(annotations: StringMap, names: readonly string[]): Map<string, DataVersion> {
  const requests = new Map<string, DataVersion>();
  for (const name of names) {
    const value = annotations[prefix.dataRequest + name];
    const request = value === undefined ? undefined : parseDataRequest(value);
    if (request && !("problem" in request)) requests.set(name, request);
  }
  return requests;
}

function heldOf(
  pod: Pod,
  annotations: StringMap,
  names: readonly string[],
  manager: string,
): Map<string, HeldStatus> {
  const ours = new Set(names.length > 0 ? managedAnnotations(pod, manager, prefix.dataStatus) : []);
  return new Map(names.map((name) => {
    const value = annotations[prefix.dataStatus + name]!;
    const status = parseDataStatus(value);
    return [name, {
      status: "problem" in status ? undefined : status,
      ours: ours.has(name),
      bytes: byteLength(value),
    }];
  }));
}

/** Whether what is told of two states of a pod's data is the same, and what it deploys. */
export function sameDeployed(a: DeployedData | undefined, b: DeployedData | undefined): boolean {
  if (a === b || !a || !b) return a === b;
  return a.names.join() === b.names.join() && a.held.size === b.held.size &&
    [...a.held].every(([name, one]) => {
      const other = b.held.get(name);
      return other !== undefined && one.ours === other.ours && one.bytes === other.bytes &&
        sameTold(one.status, other.status);
    });
}

/** Whether two statuses tell the same. Words alone are no news: a download's change by the second. */
export function sameTold(a: DataStatus | undefined, b: DataStatus | undefined): boolean {
  if (!a || !b) return a === b;
  return sameVersion(a, b) && a.state === b.state && a.fault === b.fault && a.probed === b.probed &&
    sameVersion(a.live, b.live);
}

/** Whether two versions are one, to the byte of what is fetched. */
export function sameVersion(a: DataVersion | undefined, b: DataVersion | undefined): boolean {
  return a?.digest === b?.digest && a?.version === b?.version && a?.path === b?.path;
}
