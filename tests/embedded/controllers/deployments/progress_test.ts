import { deepEqual, equal } from "node:assert/strict";
import type { DeploymentCondition, DeploymentStatus } from "../../../../k8s/apps_v1.ts";
import { deadlineIn, withProgress } from "../../../../lib/embedded/controllers/deployments/progress.ts";
import { before, deployment, minute, noon, replicaSet, second } from "../build.ts";

const current = replicaSet("new", { tag: 2 });

function said(reason: string, ago: number, status = "True"): DeploymentCondition {
  const time = before(ago);
  return { type: "Progressing", status, reason, message: "", lastUpdateTime: time, lastTransitionTime: time };
}

/** What is said of a rollout whose status was `was`, and is `is` at noon. */
function say(condition: DeploymentCondition | undefined, was: DeploymentStatus, is: DeploymentStatus) {
  const conditions = condition && [condition];
  const progress = {
    deployment: deployment({ status: { ...was, conditions } }),
    status: { observedGeneration: 1, ...is, conditions },
    current,
    now: noon,
  };
  const after = [...withProgress(progress)];
  const again = deadlineIn({ ...progress, status: { ...progress.status, conditions: after } });
  return { condition: after.find(({ type }) => type === "Progressing"), again };
}

const half = { replicas: 4, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 3 };
const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };

Deno.test("a rollout of which something moved is progressing, with the time of the move", () => {
  const { condition } = say(said("NewReplicaSetCreated", minute), { replicas: 4, updatedReplicas: 1 }, half);
  deepEqual(condition, {
    type: "Progressing",
    status: "True",
    reason: "ReplicaSetUpdated",
    message: 'ReplicaSet "web-new" is progressing.',
    lastUpdateTime: before(0),
    lastTransitionTime: before(minute),
  });
});

Deno.test("fewer old pods, more new, ready or available ones are a move; fewer ready ones are none", () => {
  const reason = (was: DeploymentStatus) =>
    say(said("NewReplicaSetCreated", minute), was, half).condition!.reason;
  equal(reason({ ...half, replicas: 5 }), "ReplicaSetUpdated");
  equal(reason({ ...half, readyReplicas: 2 }), "ReplicaSetUpdated");
  equal(reason({ ...half, availableReplicas: 2 }), "ReplicaSetUpdated");
  equal(reason({ ...half, readyReplicas: 4 }), "NewReplicaSetCreated");
});

Deno.test("a rollout that is complete says so, and what fails later is no part of it", () => {
  const done = say(said("ReplicaSetUpdated", minute), half, full);
  equal(done.condition!.reason, "NewReplicaSetAvailable");
  equal(done.condition!.message, 'ReplicaSet "web-new" has successfully progressed.');
  equal(done.again, undefined);
  const failing = say(said("NewReplicaSetAvailable", 20 * minute), full, { ...full, availableReplicas: 1 });
  equal(failing.condition!.reason, "NewReplicaSetAvailable");
  equal(failing.again, undefined);
});

Deno.test("a rollout in which nothing moves is late after its deadline, and looked at then", () => {
  const waiting = say(said("ReplicaSetUpdated", 9 * minute), half, half);
  equal(waiting.condition!.reason, "ReplicaSetUpdated");
  equal(waiting.again, minute + second);
  const late = say(said("ReplicaSetUpdated", 10 * minute + second), half, half);
  deepEqual([late.condition!.status, late.condition!.reason], ["False", "ProgressDeadlineExceeded"]);
  equal(late.condition!.message, 'ReplicaSet "web-new" has timed out progressing.');
  equal(late.again, undefined);
});

Deno.test("a rollout that was late may still progress", () => {
  const late = said("ProgressDeadlineExceeded", minute, "False");
  equal(say(late, half, half).condition!.reason, "ProgressDeadlineExceeded");
  equal(say(late, half, { ...half, availableReplicas: 4 }).condition!.reason, "ReplicaSetUpdated");
  equal(say(late, half, full).condition!.reason, "NewReplicaSetAvailable");
});

Deno.test("without a deadline nothing is said of progress", () => {
  const status = { ...half, conditions: [said("ReplicaSetUpdated", minute)] };
  const endless = deployment({ spec: { progressDeadlineSeconds: 2 ** 31 - 1 }, status });
  deepEqual(withProgress({ deployment: endless, status, current, now: noon }), []);
});
