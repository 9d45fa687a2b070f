/**
 * What pods were asked to have, in the order in which it was asked.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { type DataStatus, type DataVersion, parseDataRequest } from "../../../lib/contract/data_version.ts";
import { parseDataStatus } from "../../../lib/contract/data_version.ts";
import type { ContentId } from "../../../lib/contract/ids.ts";
import { prefix } from "../../../lib/contract/keys.ts";
import type { Kubelet } from "./kubelet.ts";

/** How the pods of these tests call their data. */
export const dataName = "prices";

/** What a pod is asked to have; `undefined` where it is asked for nothing that can be read. */
export function requestOf({ metadata }: Pod): DataVersion | undefined {
  const value = metadata?.annotations?.[prefix.dataRequest + dataName];
  const read = value === undefined ? undefined : parseDataRequest(value);
  return read && "problem" in read ? undefined : read;
}

/** What a pod's deployer says, as the prober wrote it; `undefined` where nothing was written. */
export function statusOf({ metadata }: Pod): DataStatus | undefined {
  const value = metadata?.annotations?.[prefix.dataStatus + dataName];
  const read = value === undefined ? undefined : parseDataStatus(value);
  return read && "problem" in read ? undefined : read;
}

/** Whether a pod has this content in place, and is not asked for another. */
export function isAt(pod: Pod, version: ContentId): boolean {
  const status = statusOf(pod);
  return requestOf(pod)?.version === version && status?.version === version && status.state === "applied";
}

/** One pod that was asked for another version than before. */
export interface Asked {
  readonly pod: string;
  /** The workload, by its `app` label. */
  readonly workload: string;
  /** Pods that had applied the version by then, and had been probed since. */
  readonly judged: number;
}

/** Sees every change of the requests of a namespace's pods. */
export class Sightings {
  readonly #asked = new Map<ContentId, Asked[]>();
  readonly #pods = new Map<string, Pod>();

  constructor(kubelet: Kubelet, namespace: string) {
    kubelet.onChange(({ key, before, after }) => {
      if ((after ?? before)!.metadata!.namespace !== namespace) return;
      if (after) this.#pods.set(key, after);
      else this.#pods.delete(key);
      const [old, now] = [before && requestOf(before), after && requestOf(after)];
      if (now && now.version !== old?.version) this.#note(after!, now.version);
    });
  }

  /** The pods that were ever asked for a content, each once, in the order in which they were. */
  asked(version: ContentId): readonly Asked[] {
    return this.#asked.get(version) ?? [];
  }

  #note({ metadata }: Pod, version: ContentId): void {
    const asked = this.#asked.get(version) ?? [];
    this.#asked.set(version, asked);
    if (asked.some(({ pod }) => pod === metadata!.name)) return;
    const judged = [...this.#pods.values()].filter((pod) =>
      isAt(pod, version) && statusOf(pod)!.probed !== undefined
    );
    asked.push({ pod: metadata!.name!, workload: metadata!.labels!.app!, judged: judged.length });
  }
}
