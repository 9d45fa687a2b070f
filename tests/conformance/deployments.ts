/**
 * Deployments: their ReplicaSets, their numbers and what they say of themselves.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Deployment, DeploymentCondition, ReplicaSet } from "../../k8s/apps_v1.ts";
import { until } from "../cluster/support/wait.ts";
import { refused } from "./api.ts";
import type { Kept } from "./collection.ts";
import { deployment } from "./objects.ts";
import type { Conformance, Room } from "./subject.ts";

/** The annotation that numbers the revisions. */
export const revision = "deployment.kubernetes.io/revision";

/** Waits until a Deployment has carried out its present spec: all pods new, ready and available, and no others. */
export async function rolledOut(
  { deployments }: Room,
  name: string = "web",
  within?: number,
): Promise<Kept<Deployment>> {
  return await until(`${name} is rolled out`, async () => {
    const found = await deployments.get(name);
    const { spec, status, metadata } = found;
    const wanted = spec?.replicas ?? 1;
    const numbers = [
      status?.replicas,
      status?.updatedReplicas,
      status?.readyReplicas,
      status?.availableReplicas,
    ];
    return status?.observedGeneration === metadata.generation &&
      numbers.every((number) => (number ?? 0) === wanted) && found;
  }, within);
}

/** Another image for all pods. */
export function image(
  tag: string,
): { spec: { template: { spec: { containers: { name: string; image: string }[] } } } } {
  return { spec: { template: { spec: { containers: [{ name: "app", image: `app:${tag}` }] } } } };
}

/** A Deployment's ReplicaSets by the images of their pods. */
export async function byImage({ replicaSets }: Room): Promise<Record<string, Kept<ReplicaSet>>> {
  const { items } = await replicaSets.list();
  return Object.fromEntries(items.map((set) => [set.spec!.template!.spec!.containers[0]!.image!, set]));
}

export function conditionOf({ status }: Deployment, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((one) => one.type === type);
}

/** Declares the tests. */
export function deployments(test: Conformance): void {
  structure(test);
  defaults(test);
  numbers(test);
  conditions(test);
  scale(test);
}

function structure(test: Conformance): void {
  test("a Deployment owns a ReplicaSet, which is named after its template's hash", async (subject) => {
    const room = await subject.room();
    const { metadata } = await room.deployments.create(deployment("web", 2));
    const set = await until("a ReplicaSet", async () => (await room.replicaSets.list()).items[0]);
    const hash = set.metadata.labels?.["pod-template-hash"];
    match(hash ?? "", /^[a-z0-9]+$/);
    equal(set.metadata.name, `web-${hash}`);
    deepEqual(set.metadata.labels, { app: "web", "pod-template-hash": hash });
    deepEqual(set.spec?.selector.matchLabels, { app: "web", "pod-template-hash": hash });
    deepEqual(set.spec?.template?.metadata?.labels, { app: "web", "pod-template-hash": hash });
    deepEqual(set.metadata.ownerReferences, [{
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: "web",
      uid: metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    }]);
    equal(set.metadata.annotations?.["deployment.kubernetes.io/desired-replicas"], "2");
    equal(set.metadata.annotations?.["deployment.kubernetes.io/max-replicas"], "3");
  });

  test("its pods carry the template's labels and annotations, and the hash", async (subject) => {
    const room = await subject.room();
    const wanted = deployment("web", 1);
    wanted.spec!.template.metadata!.annotations = { note: "kept" };
    await room.deployments.create(wanted);
    const pod = await until("a pod", async () => (await room.pods.list()).items[0]);
    const [set] = await room.replicaSets.names();
    deepEqual(pod.metadata.labels, { app: "web", "pod-template-hash": set!.slice("web-".length) });
    deepEqual(pod.metadata.annotations, { note: "kept" });
    deepEqual(pod.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`), [
      `ReplicaSet ${set}`,
    ]);
    match(pod.metadata.name!, new RegExp(`^${set}-[a-z0-9]{5}$`));
  });

  test("revisions are numbered on the Deployment and on its ReplicaSets", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.deployments.create(deployment("web", 1));
    const first = await rolledOut(room);
    equal(first.metadata.annotations?.[revision], "1");
    await room.deployments.merge("web", image("2"));
    const second = await rolledOut(room);
    equal(second.metadata.annotations?.[revision], "2");
    const sets = await byImage(room);
    equal(sets["app:1"]?.metadata.annotations?.[revision], "1");
    equal(sets["app:2"]?.metadata.annotations?.[revision], "2");
    equal(sets["app:1"]?.spec?.replicas, 0);
  });

  test("the selector of a Deployment cannot be changed", async (subject) => {
    const room = await subject.room();
    await room.deployments.create(deployment("web", 0));
    const labels = { app: "other" };
    const spec = { selector: { matchLabels: labels }, template: { metadata: { labels } } };
    await refused(room.deployments.merge("web", { spec }), {
      code: 422,
      reason: "Invalid",
      field: "spec.selector",
    });
  });
}

function defaults(test: Conformance): void {
  test("a Deployment gets what its spec leaves out", async (subject) => {
    const { deployments } = await subject.room();
    const { spec } = deployment("web", 1);
    const { spec: made, status } = await deployments.create({
      metadata: { name: "web" },
      spec: { selector: spec!.selector, template: spec!.template },
    });
    equal(made?.replicas, 1);
    deepEqual(made?.strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" },
    });
    deepEqual([made?.revisionHistoryLimit, made?.progressDeadlineSeconds], [10, 600]);
    equal(made?.template.spec?.restartPolicy, "Always");
    deepEqual(status ?? {}, {});
  });

  test("the status of a Deployment is written at its own path only", async (subject) => {
    const { deployments } = await subject.room();
    await deployments.create(deployment("web", 0, { paused: true }));
    await deployments.merge("web", { status: { readyReplicas: 7 } });
    equal((await deployments.get("web")).status?.readyReplicas, undefined);
    const after = await deployments.mergeStatus("web", { spec: { replicas: 7 } });
    equal(after.spec?.replicas, 0);
  });
}

function numbers(test: Conformance): void {
  test("a Deployment counts its pods", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.deployments.create(deployment("web", 3));
    const { status } = await rolledOut(room);
    const { replicas, updatedReplicas, readyReplicas, availableReplicas, unavailableReplicas } = status!;
    deepEqual([replicas, updatedReplicas, readyReplicas, availableReplicas, unavailableReplicas], [
      3,
      3,
      3,
      3,
      undefined,
    ]);
  });

  test("pods that are not ready are counted as unavailable", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await subject.room();
    kubelet.startsReady = ({ metadata }) => metadata?.namespace !== room.namespace;
    await room.deployments.create(deployment("web", 2));
    const { status } = await until("it counts two", async () => {
      const found = await room.deployments.get("web");
      return found.status?.unavailableReplicas === 2 && found.status.replicas === 2 && found;
    });
    deepEqual([status?.readyReplicas, status?.availableReplicas], [undefined, undefined]);
  });

  test("a Deployment is scaled up and down without a new ReplicaSet", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.deployments.create(deployment("web", 1));
    await rolledOut(room);
    for (const replicas of [3, 2, 0]) {
      await room.deployments.merge("web", { spec: { replicas } });
      await rolledOut(room);
      await until(`${replicas} pods are left`, async () => (await room.pods.names()).length === replicas);
    }
    equal((await room.replicaSets.names()).length, 1);
  });

  test("pods that run go on when only the Deployment's own labels change", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.deployments.create(deployment("web", 1));
    await rolledOut(room);
    const before = await room.pods.names();
    await room.deployments.merge("web", { metadata: { labels: { team: "a" }, annotations: { note: "b" } } });
    await rolledOut(room);
    deepEqual(await room.pods.names(), before);
    equal((await room.replicaSets.names()).length, 1);
  });
}

function conditions(test: Conformance): void {
  test("a Deployment that is there says that it is available and has got on", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.deployments.create(deployment("web", 1));
    await rolledOut(room);
    const done = await until("it says so", async () => {
      const found = await room.deployments.get("web");
      return conditionOf(found, "Progressing")?.reason === "NewReplicaSetAvailable" && found;
    });
    const available = conditionOf(done, "Available");
    deepEqual([available?.status, available?.reason], ["True", "MinimumReplicasAvailable"]);
    const progressing = conditionOf(done, "Progressing");
    equal(progressing?.status, "True");
    const [set] = await room.replicaSets.names();
    equal(progressing?.message, `ReplicaSet "${set}" has successfully progressed.`);
    ok(progressing?.lastUpdateTime && progressing.lastTransitionTime);
  });

  test("a Deployment whose pods are not ready says that it is not available", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await subject.room();
    kubelet.startsReady = ({ metadata }) => metadata?.namespace !== room.namespace;
    await room.deployments.create(deployment("web", 2));
    const found = await until("it says so", async () => {
      const found = await room.deployments.get("web");
      return conditionOf(found, "Available")?.status === "False" && conditionOf(found, "Progressing") &&
        found;
    });
    equal(conditionOf(found, "Available")?.reason, "MinimumReplicasUnavailable");
    equal(conditionOf(found, "Progressing")?.status, "True");
  });

  test("a Deployment that does not get on says so when its time is over", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await subject.room();
    kubelet.startsReady = ({ metadata }) => metadata?.namespace !== room.namespace;
    await room.deployments.create(deployment("web", 1, { progressDeadlineSeconds: 1 }));
    const found = await until("its time is over", async () => {
      const found = await room.deployments.get("web");
      return conditionOf(found, "Progressing")?.status === "False" && found;
    });
    const condition = conditionOf(found, "Progressing");
    equal(condition?.reason, "ProgressDeadlineExceeded");
    match(condition?.message ?? "", /^ReplicaSet "web-\w+" has timed out progressing\.$/);
  });
}

function scale(test: Conformance): void {
  test("a Deployment has a scale", async (subject) => {
    const room = await subject.room();
    await room.deployments.create(deployment("web", 1));
    const path = room.deployments.at("web", "scale");
    const scale = await subject.api.json<{ kind: string; spec: object; status: { selector?: string } }>(
      "GET",
      path,
    );
    deepEqual([scale.kind, scale.spec, scale.status.selector], ["Scale", { replicas: 1 }, "app=web"]);
    const headers = { "content-type": "application/merge-patch+json" };
    await subject.api.json("PATCH", path, { body: { spec: { replicas: 2 } }, headers });
    equal((await room.deployments.get("web")).spec?.replicas, 2);
    await until("two pods", async () => (await room.pods.names()).length === 2);
  });
}
