/**
 * The next step of a Deployment: what becomes of its ReplicaSets, and what its status says then.
 *
 * @module
 */
import type { Deployment, DeploymentStatus, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { Pod } from "../../../../k8s/core_v1.ts";
import {
  conditionIn,
  type Conditions,
  deadlineOf,
  isComplete,
  withCondition,
  withPause,
} from "./conditions.ts";
import { newSet, withCurrentInStep } from "./current_set.ts";
import { outdated } from "./history.ts";
import { isRolling } from "./limits.ts";
import { deadlineIn, withProgress } from "./progress.ts";
import { isScaled, scale } from "./proportional.ts";
import { recreate } from "./recreate.ts";
import { revisionKey } from "./revision.ts";
import { roll } from "./rolling.ts";
import { allOf, type Sets, setsOf, sizeOf } from "./sets.ts";
import { statusOf, withFailure } from "./status.ts";

/** What is to happen to one ReplicaSet. */
export type Change =
  | { readonly do: "create" | "delete"; readonly replicaSet: ReplicaSet }
  | {
    readonly do: "update";
    /** As it is to be. */
    readonly replicaSet: ReplicaSet;
    /** The size that it had. */
    readonly from: number;
  };

/** One step. */
export interface Plan {
  /** To be carried out in their order. */
  readonly changes: readonly Change[];
  /** The revision to note on the Deployment; unset while no ReplicaSet has one. */
  readonly revision?: string;
  readonly status: DeploymentStatus;
  /** Milliseconds after which to look again though nothing changes. */
  readonly again?: number;
}

/** The state of a rollout while a step is planned. */
interface Step {
  readonly sets: Sets;
  /** Whether the sets are still as they were found. */
  readonly settled: boolean;
}

/**
 * Plans one step. Pure: the same objects and the same time give the same plan.
 *
 * @param replicaSets those that the Deployment owns
 * @param pods the pods of those ReplicaSets
 * @param now milliseconds since 1970
 */
export function plan(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  pods: readonly Pod[],
  now: number,
): Plan {
  const found = setsOf(deployment, replicaSets);
  const sets = withCurrentInStep(found, deployment);
  if (deployment.metadata?.deletionTimestamp) {
    const conditions = withCurrentSet(deployment.status?.conditions ?? [], deployment, found, sets, now);
    return planned(found, sets, [], statusOf(deployment, sets, conditions, now));
  }
  const conditions = withPause(deployment, now);
  if (deployment.spec?.paused || isScaled(sets, deployment)) {
    return scaling(deployment, found, sets, conditions, now);
  }
  const { sets: next, settled } = rollout(sets, deployment, pods);
  const removed = settled && isComplete(deployment, deployment.status) ? outdated(deployment, next.old) : [];
  const known = withCurrentSet(conditions, deployment, found, next, now);
  return progressing(deployment, found, next, removed, known, now);
}

/** A Deployment that was scaled, or is paused, does not roll on. */
function scaling(deployment: Deployment, found: Sets, sets: Sets, conditions: Conditions, now: number): Plan {
  const next = scale(sets, deployment);
  const removed = deployment.spec?.paused ? outdated(deployment, next.old) : [];
  const known = withCurrentSet(conditions, deployment, found, next, now);
  return planned(found, next, removed, statusOf(deployment, next, known, now));
}

function rollout(sets: Sets, deployment: Deployment, pods: readonly Pod[]): Step {
  const create = () => newSet(sets, deployment);
  const ready = isRolling(deployment) ? { ...sets, current: sets.current ?? create() } : sets;
  const next = isRolling(deployment) ? roll(ready, deployment) : recreate(sets, deployment, pods, create);
  return { sets: next, settled: sameSizes(next, ready) };
}

function sameSizes(a: Sets, b: Sets): boolean {
  const [one, other] = [allOf(a), allOf(b)];
  return one.length === other.length && one.every((set, index) => sizeOf(set) === sizeOf(other[index]!));
}

/**
 * The conditions, with where the current set came from: it was just made, or was there before anybody asked.
 */
function withCurrentSet(
  conditions: Conditions,
  deployment: Deployment,
  found: Sets,
  { current }: Sets,
  now: number,
): Conditions {
  if (!current || deadlineOf(deployment) === undefined) return conditions;
  const name = current.metadata?.name;
  const progressing = { type: "Progressing", status: "True" } as const;
  if (!found.current) {
    const message = `Created new replica set "${name}"`;
    return withCondition(conditions, { ...progressing, reason: "NewReplicaSetCreated", message }, now);
  }
  if (conditionIn(conditions, "Progressing")) return conditions;
  const message = `Found new replica set "${name}"`;
  return withCondition(conditions, { ...progressing, reason: "FoundNewReplicaSet", message }, now);
}

function progressing(
  deployment: Deployment,
  found: Sets,
  next: Sets,
  removed: readonly ReplicaSet[],
  conditions: Conditions,
  now: number,
): Plan {
  const counted = statusOf(deployment, next, conditions, now);
  const progress = { deployment, status: counted, current: next.current, now };
  const status = { ...counted, conditions: [...withFailure(withProgress(progress), next)] };
  const again = deadlineIn({ ...progress, status });
  return { ...planned(found, next, removed, status), again };
}

function planned(found: Sets, next: Sets, removed: readonly ReplicaSet[], status: DeploymentStatus): Plan {
  const revision = next.current?.metadata?.annotations?.[revisionKey];
  return { changes: changesBetween(found, next, removed), ...(revision && { revision }), status };
}

/** A new set first, then the others; what goes goes last. */
function changesBetween(found: Sets, next: Sets, removed: readonly ReplicaSet[]): Change[] {
  const before = new Map(allOf(found).map((one) => [one.metadata?.uid, one]));
  const changes = allOf(next).reverse().flatMap((replicaSet): Change[] => {
    const held = before.get(replicaSet.metadata?.uid);
    if (!held) return [{ do: "create", replicaSet }];
    return held === replicaSet ? [] : [{ do: "update", replicaSet, from: sizeOf(held) }];
  });
  return [...changes, ...removed.map((replicaSet) => ({ do: "delete", replicaSet }) as const)];
}
