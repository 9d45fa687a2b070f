/**
 * Whether a rollout gets on: the condition Progressing, and when to look at it again.
 *
 * @module
 */
import type { Deployment, DeploymentStatus, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import {
  conditionIn,
  type Conditions,
  deadlineOf,
  isComplete,
  type Saying,
  withCondition,
  without,
} from "./conditions.ts";

/** What a look at a rollout's progress goes by. */
export interface Progress {
  /** The Deployment as it was found. */
  readonly deployment: Deployment;
  /** Its status as it is to be, with the conditions so far. */
  readonly status: DeploymentStatus;
  readonly current: ReplicaSet | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The conditions, with what is to be said of the progress. */
export function withProgress(progress: Progress): Conditions {
  const { deployment, status, now } = progress;
  const conditions = status.conditions ?? [];
  if (deadlineOf(deployment) === undefined) return without(conditions, "Progressing");
  const done = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  const said = conditionIn(conditions, "Progressing")?.reason;
  // What was said of a rollout that is done stays true when pods fail later.
  if (done && said === "NewReplicaSetAvailable") return conditions;
  if (isComplete(deployment, status)) return withCondition(conditions, saying("complete", progress), now);
  if (hasMoved(deployment.status, status)) {
    return withCondition(conditions, saying("moving", progress), now, true);
  }
  return timedOut(progress) ? withCondition(conditions, saying("late", progress), now) : conditions;
}

/** Milliseconds until a rollout that does not move has run out of time; `undefined` where none can. */
export function deadlineIn({ deployment, status, now }: Progress): number | undefined {
  const due = dueAt(deployment, status);
  const { reason } = conditionIn(status.conditions, "Progressing") ?? {};
  const over = reason === "ProgressDeadlineExceeded" || reason === "NewReplicaSetAvailable";
  if (due === undefined || over || isComplete(deployment, status)) return undefined;
  // Times are written in whole seconds.
  return Math.max(0, due - now) + 1000;
}

const words = {
  complete: ["True", "NewReplicaSetAvailable", "has successfully progressed."],
  moving: ["True", "ReplicaSetUpdated", "is progressing."],
  late: ["False", "ProgressDeadlineExceeded", "has timed out progressing."],
} as const;

function saying(what: keyof typeof words, { deployment, current }: Progress): Saying {
  const [status, reason, rest] = words[what];
  const whose = current
    ? `ReplicaSet "${current.metadata?.name}"`
    : `Deployment "${deployment.metadata?.name}"`;
  return { type: "Progressing", status, reason, message: `${whose} ${rest}` };
}

/** Whether there are more new, ready or available pods than before, or fewer old ones. */
function hasMoved(before: DeploymentStatus = {}, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  const grew = (["updatedReplicas", "readyReplicas", "availableReplicas"] as const)
    .some((count) => (after[count] ?? 0) > (before[count] ?? 0));
  return grew || old(after) < old(before);
}

function timedOut({ deployment, status, now }: Progress): boolean {
  const { reason } = conditionIn(status.conditions, "Progressing") ?? {};
  if (reason === "ProgressDeadlineExceeded") return true;
  const due = dueAt(deployment, status);
  return due !== undefined && reason !== "NewReplicaSetAvailable" && due < now;
}

/** When the time is over, by what was last said of the progress. */
function dueAt(deployment: Deployment, { conditions }: DeploymentStatus): number | undefined {
  const said = conditionIn(conditions, "Progressing")?.lastUpdateTime;
  const deadline = deadlineOf(deployment);
  return said === undefined || deadline === undefined ? undefined : Date.parse(said) + deadline * 1000;
}
