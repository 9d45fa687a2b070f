import { deepEqual, equal } from "node:assert/strict";
import {
  isComplete,
  type Saying,
  withCondition,
  withPause,
} from "../../../../lib/embedded/controllers/deployments/conditions.ts";
import { timestamp } from "../../../../lib/embedded/api/objects.ts";
import { before, deployment, minute, noon } from "../build.ts";

const saying: Saying = { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: "moves" };
const held = { ...saying, lastUpdateTime: before(minute), lastTransitionTime: before(2 * minute) };

Deno.test("a condition that says the same keeps its times, unless it is said anew", () => {
  const conditions = [held];
  equal(withCondition(conditions, { ...saying, message: "still" }, noon), conditions);
  deepEqual(withCondition(conditions, saying, noon, true), [{ ...held, lastUpdateTime: timestamp(noon) }]);
});

Deno.test("the time of the transition is that of the last change of the status", () => {
  const [reason] = withCondition([held], { ...saying, reason: "NewReplicaSetAvailable" }, noon);
  equal(reason!.lastTransitionTime, held.lastTransitionTime);
  const [status] = withCondition([held], { ...saying, status: "False" }, noon);
  equal(status!.lastTransitionTime, timestamp(noon));
});

Deno.test("a Deployment that is paused, and one that goes on, say so once", () => {
  const paused = withPause(deployment({ spec: { paused: true }, status: { conditions: [held] } }), noon);
  deepEqual(paused.map(({ status, reason, message }) => [status, reason, message]), [
    ["Unknown", "DeploymentPaused", "Deployment is paused"],
  ]);
  const again = deployment({ spec: { paused: true }, status: { conditions: [...paused] } });
  equal(withPause(again, noon + minute), again.status!.conditions);
  const resumed = withPause(deployment({ status: { conditions: [...paused] } }), noon);
  deepEqual(resumed.map(({ reason, message }) => [reason, message]), [
    ["DeploymentResumed", "Deployment is resumed"],
  ]);
});

Deno.test("that a rollout ran out of time is not covered by a pause", () => {
  const late = { ...held, status: "False", reason: "ProgressDeadlineExceeded" };
  deepEqual(withPause(deployment({ spec: { paused: true }, status: { conditions: [late] } }), noon), [late]);
});

Deno.test("without a deadline nothing is said of a pause", () => {
  const endless = deployment({ spec: { paused: true, progressDeadlineSeconds: 2 ** 31 - 1 } });
  deepEqual(withPause(endless, noon), []);
});

Deno.test("a Deployment is complete when all its pods are new, available and alone, by a status that is not old", () => {
  const full = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, observedGeneration: 1 };
  equal(isComplete(deployment(), full), true);
  equal(isComplete(deployment(), { ...full, replicas: 4 }), false);
  equal(isComplete(deployment(), { ...full, availableReplicas: 2 }), false);
  equal(isComplete(deployment({ generation: 2 }), full), false);
  equal(isComplete(deployment()), false);
});
