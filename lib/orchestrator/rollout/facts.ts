/**
 * What the orchestrator keeps of a pod's data, beside what it keeps of every pod.
 *
 * @module
 */
import type { ContainerState, ContainerStatus, Pod } from "../../../k8s/core_v1.ts";
import { concernsData, type DataDeployment, podDataOf } from "../../contract/data.ts";
import {
  type DataStatus,
  type DataVersion,
  parseDataRequest,
  parseDataStatus,
} from "../../contract/data_version.ts";
import { namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { managedAnnotations } from "../../kube/managed_fields.ts";

/** A pod's data: what it says, what was asked for, what it has, and what shows how that agrees with it. */
export interface DataFacts {
  readonly deployments: readonly DataDeployment[];
  readonly deps: readonly string[];
  /** Its repository; empty where the annotation cannot be read. */
  readonly url: string;
  /** What is wrong with its annotations about data, in words. */
  readonly problems: readonly string[];
  readonly requests: ReadonlyMap<string, DataVersion | { readonly problem: string }>;
  /** What the prober wrote: others' words, as those of a copied template, say nothing about this pod. */
  readonly statuses: ReadonlyMap<string, DataStatus>;
  readonly restarts: number;
  /** Milliseconds since 1970. */
  readonly restartedAt: number | undefined;
  readonly crashing: boolean;
}

/** Reads a pod's data; `undefined` for a pod that says nothing about any. */
export function dataFacts(pod: Pod, proberFieldManager: string): DataFacts | undefined {
  const annotations = pod.metadata?.annotations ?? {};
  if (!concernsData(annotations)) return undefined;
  const { deployments, deps, url, problems } = podDataOf(annotations);
  const containers = [
    ...pod.status?.containerStatuses ?? [],
    ...pod.status?.initContainerStatuses ?? [],
  ];
  return {
    deployments,
    deps,
    url,
    problems,
    requests: new Map(
      namesUnder(annotations, prefix.dataRequest)
        .map((name) => [name, parseDataRequest(annotations[prefix.dataRequest + name]!)]),
    ),
    statuses: statusesOf(annotations, managedAnnotations(pod, proberFieldManager, prefix.dataStatus)),
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    restartedAt: lastEnd(containers),
    crashing: containers.some(({ state }) => isCrash(state)),
  };
}

function statusesOf(annotations: StringMap, names: readonly string[]): Map<string, DataStatus> {
  const statuses = new Map<string, DataStatus>();
  for (const name of names) {
    const value = annotations[prefix.dataStatus + name];
    const status = value === undefined ? undefined : parseDataStatus(value);
    if (status && !("problem" in status)) statuses.set(name, status);
  }
  return statuses;
}

/** When a container that was started again had ended. An init container that is done has not. */
function lastEnd(containers: readonly ContainerStatus[]): number | undefined {
  const ends = containers.flatMap(({ lastState }) => {
    const at = Date.parse(lastState?.terminated?.finishedAt ?? "");
    return Number.isNaN(at) ? [] : [at];
  });
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

function isCrash(state: ContainerState | undefined): boolean {
  return state?.waiting?.reason === "CrashLoopBackOff" || (state?.terminated?.exitCode ?? 0) !== 0;
}
