/**
 * Versions, statuses and pods that deploy data.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { type DataStatus, formatDataRequest, formatDataStatus } from "../../../lib/contract/data_version.ts";
import type { StringMap } from "../../../lib/contract/keys.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { version } from "../../support/data_version.ts";
import { makePod } from "../prober/build.ts";

/** What a deployer says that has version `n`. */
export function applied(n: number, more: Partial<DataStatus> = {}): DataStatus {
  return { ...version(n), state: "applied", message: "", ...more };
}

/** A pod as a test sees it: its data deployments, each with what is asked for and told, and other annotations. */
export interface DataSketch {
  readonly requests?: Readonly<Record<string, number>>;
  readonly held?: Readonly<Record<string, DataStatus>>;
  /** Whose the statuses are; the prober's where a test does not say. */
  readonly manager?: string;
  readonly annotations?: StringMap;
  readonly names?: readonly string[];
  readonly uid?: string;
  readonly status?: NonNullable<Pod["status"]>;
  readonly spec?: Partial<NonNullable<Pod["spec"]>>;
}

/** A running pod that deploys `config`, but for what the sketch says. */
export function dataPod(sketch: DataSketch = {}): Pod {
  const { requests = {}, held = {}, names = ["config"], manager = fieldManager.watchdogprober } = sketch;
  const annotations: Record<string, string> = { ...sketch.annotations };
  for (const name of names) annotations[`data.autocrane.io/${name}`] = "source";
  for (const [name, n] of Object.entries(requests)) {
    annotations[`request.data.autocrane.io/${name}`] = formatDataRequest(version(n));
  }
  for (const [name, status] of Object.entries(held)) {
    annotations[`status.data.autocrane.io/${name}`] = formatDataStatus(status);
  }
  const { uid = "uid-1", status, spec } = sketch;
  const pod = makePod({ annotations, uid, ...(status && { status }), ...(spec && { spec }) });
  const fields = Object.keys(held).map((name) => [`f:status.data.autocrane.io/${name}`, {}]);
  pod.metadata!.managedFields = [{
    manager,
    operation: "Update",
    fieldsV1: { "f:metadata": { "f:annotations": Object.fromEntries(fields) } },
  }];
  return pod;
}
