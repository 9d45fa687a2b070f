/**
 * How Deployments replace their pods by others.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { DeploymentSpec, ReplicaSet } from "../../k8s/apps_v1.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import { isReady } from "../cluster/support/cluster.ts";
import type { Kubelet } from "../cluster/support/kubelet.ts";
import { pass, until } from "../cluster/support/wait.ts";
import { byImage, conditionOf, image, revision, rolledOut } from "./deployments.ts";
import { deployment } from "./objects.ts";
import type { Conformance, Room, Subject } from "./subject.ts";
import type { Watching } from "./watching.ts";

/** Declares the tests. */
export function rollouts(test: Conformance): void {
  bounds(test);
  holding(test);
  strategies(test);
  history(test);
}

function bounded(maxSurge: number | string, maxUnavailable: number | string): Partial<DeploymentSpec> {
  return { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } } };
}

/** A Deployment that runs. */
async function running(
  subject: Subject,
  replicas: number,
  spec: Partial<DeploymentSpec> = {},
): Promise<Room> {
  const room = await subject.room();
  await room.deployments.create(deployment("web", replicas, spec));
  await rolledOut(room);
  return room;
}

/** Pods of a room with this image do not become ready. */
function neverReady(kubelet: Kubelet, room: Room, tag: string): void {
  kubelet.startsReady = ({ metadata, spec }) =>
    metadata?.namespace !== room.namespace || spec?.containers[0]?.image !== `app:${tag}`;
}

/** The fewest pods that were ready at any moment after the first `before` events. */
function fewestReady({ events }: Watching<Pod>, before: number): number {
  const pods = new Map<string, Pod>();
  let fewest = Infinity;
  for (const [i, { type, object }] of events.entries()) {
    if (type === "DELETED") pods.delete(object.metadata!.uid!);
    else pods.set(object.metadata!.uid!, object);
    if (i + 1 >= before) fewest = Math.min(fewest, [...pods.values()].filter(isReady).length);
  }
  return fewest;
}

/**
 * The most pods that the ReplicaSets were to have together at any moment. (There may be more for a moment: one of
 * them makes its pods before the other has deleted its own.)
 */
function mostWanted({ events }: Watching<ReplicaSet>): number {
  const wanted = new Map<string, number>();
  let most = 0;
  for (const { object } of events) {
    wanted.set(object.metadata!.uid!, object.spec?.replicas ?? 0);
    most = Math.max(most, [...wanted.values()].reduce((sum, count) => sum + count));
  }
  return most;
}

function bounds(test: Conformance): void {
  const cases: [number | string, number | string, number, number][] = [
    [1, 0, 5, 4],
    [0, 1, 4, 3],
    [2, 2, 6, 2],
    ["25%", "25%", 5, 3],
    ["30%", "30%", 6, 3],
  ];
  for (const [maxSurge, maxUnavailable, most, fewest] of cases) {
    test(`a rollout of 4 with surge ${maxSurge} and unavailable ${maxUnavailable} stays within ${fewest} and ${most}`, async (subject) => {
      await using _kubelet = subject.runPods();
      const room = await running(subject, 4, bounded(maxSurge, maxUnavailable));
      await using pods = await room.pods.watch();
      await using sets = await room.replicaSets.watch();
      await room.deployments.merge("web", image("2"));
      await rolledOut(room);
      ok(mostWanted(sets) <= most, `${mostWanted(sets)} pods wanted at once`);
      ok(fewestReady(pods, 4) >= fewest, `only ${fewestReady(pods, 4)} ready`);
      const { items } = await room.pods.list({ labelSelector: "app=web" });
      const staying = items.filter((pod) => !pod.metadata.deletionTimestamp);
      deepEqual([...new Set(staying.map(({ spec }) => spec?.containers[0]?.image))], ["app:2"]);
    });
  }
}

function holding(test: Conformance): void {
  test("a rollout waits for new pods that are not ready, and goes on when they are", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await running(subject, 3, bounded(1, 0));
    neverReady(kubelet, room, "2");
    await room.deployments.merge("web", image("2"));
    const held = await until("a new pod runs", async () => {
      const { items } = await room.pods.list({ fieldSelector: "status.phase=Running" });
      return items.find(({ spec }) => spec?.containers[0]?.image === "app:2");
    });
    await pass(300);
    const sets = await byImage(room);
    deepEqual([sets["app:1"]?.spec?.replicas, sets["app:2"]?.spec?.replicas], [3, 1]);
    const { status } = await room.deployments.get("web");
    deepEqual([status?.updatedReplicas, status?.readyReplicas, status?.replicas], [1, 3, 4]);
    kubelet.startsReady = () => true;
    await kubelet.setReady(room.namespace, held.metadata.name!, true);
    await rolledOut(room);
  });

  test("a pod is available only when it has been ready for a while", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    const began = performance.now();
    await room.deployments.create(deployment("web", 1, { minReadySeconds: 2 }));
    const early = await until("it is ready", async () => {
      const found = await room.deployments.get("web");
      return found.status?.readyReplicas === 1 && found;
    });
    equal(early.status?.availableReplicas, undefined);
    await rolledOut(room);
    ok(performance.now() - began > 1000);
  });

  test("a paused Deployment is scaled, but not rolled out until it goes on", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await running(subject, 1);
    await room.deployments.merge("web", { spec: { paused: true } });
    await room.deployments.merge("web", image("2"));
    await room.deployments.merge("web", { spec: { replicas: 2 } });
    await until("it is scaled", async () => (await room.deployments.get("web")).status?.readyReplicas === 2);
    const { items } = await room.pods.list();
    deepEqual(items.map(({ spec }) => spec?.containers[0]?.image), ["app:1", "app:1"]);
    const paused = await room.deployments.get("web");
    deepEqual(
      [conditionOf(paused, "Progressing")?.status, conditionOf(paused, "Progressing")?.reason],
      ["Unknown", "DeploymentPaused"],
    );
    equal(paused.status?.updatedReplicas, undefined);
    await room.deployments.merge("web", { spec: { paused: false } });
    await rolledOut(room);
    equal((await byImage(room))["app:2"]?.spec?.replicas, 2);
  });
}

function strategies(test: Conformance): void {
  test("to recreate, all old pods have ended before a new one is made", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await running(subject, 2, { strategy: { type: "Recreate" } });
    kubelet.endsPods = false;
    await room.deployments.merge("web", image("2"));
    await until("the old pods are told to end", async () => {
      return (await room.pods.list()).items.every(({ metadata }) => metadata.deletionTimestamp);
    });
    await pass(300);
    equal((await room.pods.names()).length, 2);
    kubelet.endsPods = true;
    await room.pods.deleteAll({}, { gracePeriodSeconds: 0 });
    await rolledOut(room);
    const { items } = await room.pods.list();
    deepEqual(items.map(({ spec }) => spec?.containers[0]?.image), ["app:2", "app:2"]);
  });

  test("a Deployment that is scaled during a rollout keeps the proportion", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await running(subject, 4, bounded(2, 0));
    neverReady(kubelet, room, "2");
    await room.deployments.merge("web", image("2"));
    await until("the rollout is held", async () => (await byImage(room))["app:2"]?.spec?.replicas === 2);
    await room.deployments.merge("web", { spec: { replicas: 8 } });
    await until("both are scaled", async () => {
      const sets = await byImage(room);
      return (sets["app:1"]?.spec?.replicas ?? 0) + (sets["app:2"]?.spec?.replicas ?? 0) === 10;
    });
    ok((await byImage(room))["app:1"]!.spec!.replicas! > 4);
  });
}

function history(test: Conformance): void {
  test("who goes back to a template takes its ReplicaSet up again, as a new revision", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await running(subject, 1);
    const first = (await byImage(room))["app:1"]!;
    await room.deployments.merge("web", image("2"));
    await rolledOut(room);
    // As kubectl undoes a rollout.
    const { "pod-template-hash": _, ...labels } = first.spec!.template!.metadata!.labels!;
    const template = { ...first.spec!.template, metadata: { labels } };
    await room.deployments.patch("web", [{ op: "replace", path: "/spec/template", value: template }]);
    const back = await rolledOut(room);
    equal(back.metadata.annotations?.[revision], "3");
    const sets = await byImage(room);
    deepEqual(Object.keys(sets).toSorted(), ["app:1", "app:2"]);
    equal(sets["app:1"]?.metadata.uid, first.metadata.uid);
    equal(sets["app:1"]?.metadata.annotations?.[revision], "3");
    equal(sets["app:1"]?.metadata.annotations?.["deployment.kubernetes.io/revision-history"], "1");
  });

  test("only so many old ReplicaSets are kept as are wanted", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await running(subject, 1, { revisionHistoryLimit: 1 });
    for (const tag of ["2", "3", "4"]) {
      await room.deployments.merge("web", image(tag));
      await rolledOut(room);
    }
    await until("one old one is left", async () => (await room.replicaSets.names()).length === 2);
    deepEqual(Object.keys(await byImage(room)).toSorted(), ["app:3", "app:4"]);
  });

  test("a template that changes back before it was rolled out leaves the old pods alone", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await running(subject, 2, bounded(1, 0));
    const before = (await room.pods.names()).toSorted();
    neverReady(kubelet, room, "2");
    await room.deployments.merge("web", image("2"));
    await until("the rollout has begun", async () => (await byImage(room))["app:2"]);
    await room.deployments.merge("web", image("1"));
    await rolledOut(room);
    await until("the new pods are gone", async () => (await room.pods.names()).length === 2);
    deepEqual((await room.pods.names()).toSorted(), before);
  });
}
