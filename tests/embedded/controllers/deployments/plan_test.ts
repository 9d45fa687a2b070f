import { deepEqual, equal, match } from "node:assert/strict";
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { Pod } from "../../../../k8s/core_v1.ts";
import { type Change, plan } from "../../../../lib/embedded/controllers/deployments/plan.ts";
import { before, deployment, noon, ownedBy, pod, replicaSet, template } from "../build.ts";

const revision = "deployment.kubernetes.io/revision";

function notes(number: number, desired = 3): Record<string, string> {
  return {
    [revision]: String(number),
    "deployment.kubernetes.io/desired-replicas": String(desired),
    "deployment.kubernetes.io/max-replicas": String(desired + 1),
  };
}

/** The Deployment after a change of its template: the first set is old. */
const changed = deployment({ generation: 2, spec: { template: template(2) } });
const first = replicaSet("one", { annotations: notes(1) });
const next = replicaSet("two", { replicas: 1, tag: 2, annotations: notes(2) });

function planFor(owner: Deployment, sets: readonly ReplicaSet[], pods: readonly Pod[] = []) {
  return plan(owner, sets, pods, noon);
}

function shown(changes: readonly Change[]) {
  return changes.map((one) => {
    const { metadata, spec } = one.replicaSet;
    return `${one.do} ${metadata!.name} ${one.do === "update" ? `${one.from}->` : ""}${spec!.replicas}`;
  });
}

function reasons({ status }: ReturnType<typeof planFor>) {
  return Object.fromEntries((status.conditions ?? []).map(({ type, reason }) => [type, reason]));
}

Deno.test("a new Deployment gets a set for its template, with its hash in name, labels and selector", () => {
  const planned = planFor(deployment(), []);
  const { replicaSet: made } = planned.changes[0]!;
  match(made.metadata!.name!, /^web-[bcdfghjklmnpqrstvwxz2456789]+$/);
  const hash = made.metadata!.name!.slice("web-".length);
  const labels = { app: "web", "pod-template-hash": hash };
  deepEqual(made.metadata!.labels, labels);
  deepEqual(made.spec!.selector.matchLabels, labels);
  deepEqual(made.spec!.template!.metadata!.labels, labels);
  deepEqual(made.metadata!.annotations, notes(1));
  deepEqual(made.metadata!.ownerReferences, [ownedBy("Deployment", "web")]);
  equal(made.spec!.replicas, 3);
  equal(planned.revision, "1");
  deepEqual(reasons(planned), {
    Progressing: "NewReplicaSetCreated",
    Available: "MinimumReplicasUnavailable",
  });
});

Deno.test("a Deployment that is complete is left as it is", () => {
  const done = replicaSet("one", { annotations: notes(1) });
  const planned = planFor(deployment(), [done]);
  const again = planFor(deployment({ annotations: { [revision]: "1" }, status: planned.status }), [done]);
  deepEqual(again.changes, []);
  deepEqual(again.status, planned.status);
  deepEqual(reasons(again), { Progressing: "NewReplicaSetAvailable", Available: "MinimumReplicasAvailable" });
});

Deno.test("a new template gets a set of its own, as large as there is room for", () => {
  const planned = planFor(changed, [first]);
  match(shown(planned.changes)[0]!, /^create web-\w+ 1$/);
  equal(planned.changes.length, 1);
  equal(planned.revision, "2");
  equal(planned.status.updatedReplicas, undefined);
  equal(planned.status.replicas, 3);
});

Deno.test("a rollout takes one step at a look", () => {
  deepEqual(shown(planFor(changed, [first, next]).changes), ["update web-one 3->2"]);
  const smaller = replicaSet("one", { replicas: 2, annotations: notes(1) });
  deepEqual(shown(planFor(changed, [smaller, next]).changes), ["update web-two 1->2"]);
});

Deno.test("rolling back makes the old set the current one, with a new revision", () => {
  const second = replicaSet("two", { tag: 2, annotations: notes(2) });
  const emptied = replicaSet("one", { replicas: 0, annotations: notes(1) });
  const planned = planFor(deployment({ generation: 3 }), [emptied, second]);
  deepEqual(shown(planned.changes), ["update web-one 0->1"]);
  const { annotations } = planned.changes[0]!.replicaSet.metadata!;
  equal(annotations![revision], "3");
  equal(annotations!["deployment.kubernetes.io/revision-history"], "1");
  equal(planned.revision, "3");
});

Deno.test("of several sets with the present template the oldest is the current one", () => {
  const twin = replicaSet("twin", { creationTimestamp: before(0), replicas: 1, annotations: notes(1) });
  deepEqual(shown(planFor(deployment(), [twin, first]).changes), [
    "update web-one 3->3",
    "update web-twin 1->0",
  ]);
});

Deno.test("a paused Deployment is scaled but not rolled out", () => {
  const paused = deployment({ spec: { paused: true, template: template(2), replicas: 5 } });
  const planned = planFor(paused, [first]);
  deepEqual(shown(planned.changes), ["update web-one 3->5"]);
  equal(reasons(planned).Progressing, "DeploymentPaused");
  equal(planned.again, undefined);
});

Deno.test("scaling in the midst of a rollout changes sizes and nothing else", () => {
  const grown = deployment({ spec: { template: template(2), replicas: 6 } });
  deepEqual(shown(planFor(grown, [first, next]).changes), ["update web-two 1->2", "update web-one 3->6"]);
});

Deno.test("old sets are removed once the rollout is complete, no sooner", () => {
  const limited = { revisionHistoryLimit: 0, template: template(2) };
  const emptied = replicaSet("one", { replicas: 0, annotations: notes(1) });
  const done = replicaSet("two", { tag: 2, annotations: notes(2) });
  const counts = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, observedGeneration: 1 };
  const rolling = deployment({ spec: limited, status: { ...counts, availableReplicas: 2 } });
  deepEqual(shown(planFor(rolling, [emptied, done]).changes), []);
  const complete = deployment({ spec: limited, status: counts });
  deepEqual(shown(planFor(complete, [emptied, done]).changes), ["delete web-one 0"]);
});

Deno.test("a Deployment that recreates its pods waits for the old ones to be gone", () => {
  const recreated = deployment({ spec: { template: template(2), strategy: { type: "Recreate" } } });
  deepEqual(shown(planFor(recreated, [first]).changes), ["update web-one 3->0"]);
  const emptied = replicaSet("one", { replicas: 0, annotations: notes(1) });
  const leaving = pod("a", {
    ownerReferences: [ownedBy("ReplicaSet", "web-one")],
    deletionTimestamp: before(0),
  });
  deepEqual(shown(planFor(recreated, [emptied], [leaving]).changes), []);
  match(shown(planFor(recreated, [emptied]).changes)[0]!, /^create web-\w+ 3$/);
});

Deno.test("a Deployment that is being deleted is only reported on", () => {
  const leaving = deployment({ deletionTimestamp: before(0), spec: { replicas: 9 } });
  const { changes, status } = planFor(leaving, [first]);
  deepEqual(changes, []);
  equal(status.replicas, 3);
});

Deno.test("minReadySeconds and annotations of the Deployment are handed on to the current set", () => {
  const owner = deployment({
    spec: { minReadySeconds: 5 },
    annotations: { "kubernetes.io/change-cause": "c" },
  });
  const [change] = planFor(owner, [first]).changes;
  equal(change!.replicaSet.spec!.minReadySeconds, 5);
  equal(change!.replicaSet.metadata!.annotations!["kubernetes.io/change-cause"], "c");
});

Deno.test("a set's failure to make pods is the Deployment's", () => {
  const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "no" }];
  const failing = replicaSet("one", { running: 0, annotations: notes(1), status: { conditions } });
  equal(reasons(planFor(deployment(), [failing])).ReplicaFailure, "FailedCreate");
  equal("ReplicaFailure" in reasons(planFor(deployment(), [first])), false);
});

Deno.test("pods on their way out are counted, or not at all where a set does not say", () => {
  const leaving = replicaSet("one", { annotations: notes(1), status: { terminatingReplicas: 2 } });
  equal(planFor(deployment(), [leaving]).status.terminatingReplicas, 2);
  const silent = replicaSet("old", { replicas: 0, tag: 0, status: { terminatingReplicas: undefined } });
  equal(planFor(deployment(), [leaving, silent]).status.terminatingReplicas, undefined);
});

Deno.test("a plan is the same for the same objects and the same time", () => {
  deepEqual(planFor(changed, [first, next]), planFor(changed, [next, first]));
});
