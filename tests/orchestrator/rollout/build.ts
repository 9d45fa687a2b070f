/**
 * Small builders: versions, pods that are well, and what a test changes of them.
 *
 * @module
 */
import type { DataStatus, DataVersion } from "../../../lib/contract/data_version.ts";
import type { ContentId, Digest } from "../../../lib/contract/ids.ts";
import type { DataPod, RolloutLimits, RolloutModel } from "../../../lib/orchestrator/rollout/model.ts";
import { noon, podUid, workloadUid } from "../build.ts";

/** Milliseconds. */
export const second = 1000;

/** A quarter of the pods first, ten minutes of probation, five to apply: the settings' defaults. */
export const rolloutLimits: RolloutLimits = {
  canaryPercent: 25,
  probation: 600 * second,
  failingPercent: 0,
  applyDeadline: 300 * second,
};

/** SHA-256 hex digits that stand for a small number. */
export function hex(n: number): string {
  return n.toString(16).padStart(64, "0");
}

/**
 * The n-th version of a source.
 *
 * @param packing another packing of the same content has another name and digest
 */
export function version(n: number, packing = 0): DataVersion {
  const time = 1_700_000_000 + 1000 * n + packing;
  return {
    path: `${time.toString(16)}-${hex(n).slice(-8)}.tar`,
    hash: hex(n * 100 + packing).toUpperCase(),
    time,
    digest: `sha256:${hex(n * 100 + packing)}` as Digest,
    version: content(n),
  };
}

/** The content of the n-th version. */
export function content(n: number): ContentId {
  return `sha256:${hex(n)}` as ContentId;
}

/** A status that says a version is in place, and was probed since. */
export function applied(what: DataVersion, changes: Partial<DataStatus> = {}): DataStatus {
  return { ...what, state: "applied", message: "", probed: noon / 1000, ...changes };
}

/** A status that says a version could not be applied, while another one may be in place. */
export function failed(what: DataVersion, fault: DataStatus["fault"], live?: DataVersion): DataStatus {
  return { ...what, state: "failed", message: "no luck", fault, ...(live && { live }) };
}

/** What a test says of a pod: one version stands for the request and the status of deployment `maps`. */
export type PodChange = Partial<Omit<DataPod, "uid" | "workload" | "name">> & {
  readonly workload?: DataPod["workload"] | string;
  readonly asked?: DataVersion;
  readonly has?: DataVersion | DataStatus;
};

/** A pod of workload `web` that deploys source `maps`, is watched, and is well. */
export function dataPod(name: string, { workload = "web", asked, has, ...changes }: PodChange = {}): DataPod {
  const status = has && ("state" in has ? has : applied(has));
  const request = asked ?? has;
  return {
    uid: podUid(`${name}-uid`),
    name,
    node: "n1",
    workload: typeof workload === "string"
      ? { uid: workloadUid(`${workload}-uid`), name: workload }
      : workload,
    deployments: [{ name: "maps", source: "maps" }],
    deps: [],
    otherRepository: false,
    requests: new Map(request ? [["maps", plain(request)]] : []),
    statuses: new Map(status ? [["maps", status]] : []),
    ready: true,
    restarts: 0,
    crashing: false,
    watched: true,
    failing: [],
    evicted: false,
    terminating: false,
    finished: false,
    paused: false,
    ...changes,
  };
}

/** A version without what a status says besides. */
export function plain({ path, hash, time, digest, version }: DataVersion): DataVersion {
  return { path, hash, time, digest, version };
}

/** A namespace whose repository has these versions of source `maps`, the oldest first. */
export function rolloutModel(
  pods: readonly DataPod[],
  versions: readonly DataVersion[] | undefined,
  changes: Partial<RolloutModel> = {},
): RolloutModel {
  return {
    namespace: "shop",
    paused: false,
    pods,
    gone: [],
    catalogue: versions && new Map([["maps", { versions }]]),
    ...changes,
  };
}
