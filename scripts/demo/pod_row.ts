/**
 * A pod in a line: what a person wants to know of it.
 *
 * @module
 */
import type { Pod } from "../../k8s/core_v1.ts";
import { parseDataStatus } from "../../lib/contract/data_version.ts";
import { namesUnder, prefix } from "../../lib/contract/keys.ts";
import { cleanText } from "../../lib/contract/text.ts";
import { resourceAt } from "../../lib/embedded/api/resources.ts";
import { type Table, tableOf } from "../../lib/embedded/api/tables/table.ts";
import { shortPath } from "./stage.ts";
import { healthOf, statusOf } from "./view.ts";

/** What is shown of a pod. */
export interface PodRow {
  readonly name: string;
  /** `1/2`. */
  readonly ready: string;
  /** `Running`, `Terminating`, as kubectl says it. */
  readonly status: string;
  readonly health: string;
  /** What its watchdog said last. */
  readonly said: string;
  /** The data that it has, as its deployer says; empty where it has none. */
  readonly data: string;
}

const pods = resourceAt("", "v1", "pods")!;

/** Reads a pod; ready and status are what `kubectl get pods` shows. */
export function rowOf(pod: Pod, now: number): PodRow {
  const options = { includeObject: "None", now, columns: false, metadata: {} } as const;
  const table: Table = tableOf(pods, [{ ...pod, apiVersion: "v1", kind: "Pod" } as never], options);
  const [name, ready, status] = table.rows[0]!.cells;
  const [, , ...said] = statusOf(pod).split("/");
  return {
    name: String(name),
    ready: String(ready),
    status: String(status),
    health: healthOf(pod),
    said: cleanText(said.join("/"), 200),
    data: dataIn(pod),
  };
}

function dataIn({ metadata }: Pod): string {
  const annotations = metadata?.annotations ?? {};
  return namesUnder(annotations, prefix.dataStatus).map((name) => {
    const status = parseDataStatus(annotations[prefix.dataStatus + name]!);
    return "problem" in status ? name : `${name} ${shortPath(status.path)} ${status.state}`;
  }).join(", ");
}
