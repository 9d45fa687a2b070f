/**
 * What to write on a pod of its data: what its deployer says, as far as there is room. Pure.
 *
 * @module
 */
import { type DataStatus, formatDataStatus } from "../../contract/data_version.ts";
import { prefix } from "../../contract/keys.ts";
import { byteLength } from "../../contract/text.ts";
import { type DeployedData, sameTold } from "./pod.ts";

/** One data deployment's change. */
export interface DataChange {
  readonly name: string;
  /** `undefined` where its status is removed. */
  readonly to: DataStatus | undefined;
}

/** What is to change of a pod's data statuses. `null` removes. */
export interface DataPatch {
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly changes: readonly DataChange[];
  /** Deployments whose status has no room beside the pod's other annotations. */
  readonly leftOut: readonly string[];
}

/** What deployers said, by the data deployment's name; nothing where none has answered yet. */
export type Told = ReadonlyMap<string, DataStatus> | undefined;

/**
 * The patch that makes a pod's annotations say what its deployer said.
 *
 * @param free bytes that the pod's annotations may still grow by
 */
export function decideData(data: DeployedData, told: Told, free: number): DataPatch {
  const annotations: Record<string, string | null> = {};
  const changes: DataChange[] = [];
  const leftOut: string[] = [];
  let room = free;
  for (const name of removed(data, told)) {
    annotations[prefix.dataStatus + name] = null;
    changes.push({ name, to: undefined });
    room += byteLength(prefix.dataStatus + name) + data.held.get(name)!.bytes;
  }
  for (const name of data.names) {
    const status = told?.get(name);
    const held = data.held.get(name);
    if (!status || (held?.ours && sameTold(held.status, status))) continue;
    const value = formatDataStatus(status);
    const growth = byteLength(value) - (held?.bytes ?? -byteLength(prefix.dataStatus + name));
    if (growth > 0 && growth > room) {
      leftOut.push(name);
      continue;
    }
    room -= growth;
    annotations[prefix.dataStatus + name] = value;
    changes.push({ name, to: status });
  }
  return { annotations, changes, leftOut };
}

/** Statuses of ours that tell of nothing any more: of deployments that went, or that the deployer has not. */
function removed({ names, held }: DeployedData, told: Told): string[] {
  const deployed = new Set(names);
  return [...held].flatMap(([name, { ours }]) =>
    ours && (!deployed.has(name) || (told && !told.has(name))) ? [name] : []
  );
}
