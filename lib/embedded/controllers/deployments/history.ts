/**
 * Which old ReplicaSets are no longer kept for a rollback (`revisionHistoryLimit`).
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { revisionOf } from "./revision.ts";
import { byAge, sizeOf } from "./sets.ts";

/** The value that stands for "all of them". */
export const unlimited = 2 ** 31 - 1;

/** The old sets to delete: of the lowest revisions, and empty. */
export function outdated({ spec }: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const kept = spec?.revisionHistoryLimit ?? unlimited;
  const alive = old.filter(({ metadata }) => !metadata?.deletionTimestamp);
  if (kept === unlimited || alive.length <= kept) return [];
  return alive.sort(byRevision).slice(0, alive.length - kept).filter(isEmpty);
}

function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [one, other] = [revisionOf(a), revisionOf(b)];
  return one === undefined || other === undefined || one === other ? byAge(a, b) : one - other;
}

/** Whether it has no pods, and its status says so of the size that it has now. */
function isEmpty(replicaSet: ReplicaSet): boolean {
  const { metadata, status } = replicaSet;
  return sizeOf(replicaSet) === 0 && (status?.replicas ?? 0) === 0 &&
    (metadata?.generation ?? 0) <= (status?.observedGeneration ?? 0);
}
