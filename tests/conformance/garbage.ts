/**
 * What happens to objects when their owners go (ownerReferences and propagation).
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ObjectMeta, OwnerReference } from "../../k8s/meta_v1.ts";
import { until } from "../cluster/support/wait.ts";
import type { Collection, Named } from "./collection.ts";
import { deployment, map, nobody } from "./objects.ts";
import type { Conformance, Room, Subject } from "./subject.ts";

/** Declares the tests. */
export function garbage(test: Conformance): void {
  dependents(test);
  propagation(test);
  workloads(test);
}

function owner({ name, uid }: ObjectMeta, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: "v1", kind: "ConfigMap", name: name!, uid: uid!, ...more };
}

async function untilGone<T extends Named>(collection: Collection<T>, name: string): Promise<void> {
  await until(`${name} is gone`, () => collection.isGone(name));
}

/** An owner and one that it owns. */
async function family(subject: Subject, more: Partial<OwnerReference> = {}): Promise<Room> {
  const room = await subject.room();
  const { metadata } = await room.maps.create(map("owner"));
  await room.maps.create(map("owned", undefined, { ownerReferences: [owner(metadata, more)] }));
  return room;
}

function dependents(test: Conformance): void {
  test("what is owned goes after its owner", async (subject) => {
    const { maps } = await family(subject);
    await maps.delete("owner");
    await untilGone(maps, "owned");
  });

  test("what an owner that never was owns goes", async (subject) => {
    const { maps } = await subject.room();
    const ownerReferences = [owner({ name: "never", uid: nobody })];
    await maps.create(map("owned", undefined, { ownerReferences }));
    await untilGone(maps, "owned");
  });

  test("an owner of the right name and another uid is none", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("owner"));
    const ownerReferences = [owner({ name: "owner", uid: nobody })];
    await maps.create(map("owned", undefined, { ownerReferences }));
    await untilGone(maps, "owned");
    await maps.get("owner");
  });

  test("what has another owner stays, and forgets the one that is gone", async (subject) => {
    const { maps } = await subject.room();
    const [a, b] = [await maps.create(map("a")), await maps.create(map("b"))];
    const ownerReferences = [owner(a.metadata), owner(b.metadata)];
    await maps.create(map("owned", undefined, { ownerReferences }));
    await maps.delete("a");
    await until("a is forgotten", async () => {
      const { metadata } = await maps.get("owned");
      return metadata.ownerReferences?.length === 1 && metadata.ownerReferences[0]?.name === "b";
    });
    await maps.delete("b");
    await untilGone(maps, "owned");
  });

  test("what is owned by what is owned goes as well", async (subject) => {
    const { maps } = await family(subject);
    const { metadata } = await maps.get("owned");
    await maps.create(map("grandchild", undefined, { ownerReferences: [owner(metadata)] }));
    await maps.delete("owner");
    await untilGone(maps, "grandchild");
  });
}

function propagation(test: Conformance): void {
  test("in the background, the owner goes first", async (subject) => {
    const { maps } = await family(subject);
    await maps.delete("owner", { propagationPolicy: "Background" });
    ok(await maps.isGone("owner"));
    await untilGone(maps, "owned");
  });

  test("orphans stay, without their owner", async (subject) => {
    const { maps } = await family(subject);
    await maps.delete("owner", { propagationPolicy: "Orphan" });
    await untilGone(maps, "owner");
    equal((await maps.get("owned")).metadata.ownerReferences, undefined);
  });

  test("in the foreground, the owner stays until what blocks it is gone", async (subject) => {
    const { maps } = await family(subject, { blockOwnerDeletion: true });
    await maps.merge("owned", { metadata: { finalizers: ["example.com/kept"] } });
    const answer = await maps.delete("owner", { propagationPolicy: "Foreground" });
    deepEqual(answer.metadata.finalizers, ["foregroundDeletion"]);
    ok(answer.metadata.deletionTimestamp);
    await until("what is owned is deleted", async () => (await maps.get("owned")).metadata.deletionTimestamp);
    await maps.get("owner");
    await maps.merge("owned", { metadata: { finalizers: null } });
    await untilGone(maps, "owner");
    ok(await maps.isGone("owned"));
  });
}

/** A Deployment of two pods that run. */
async function workload(subject: Subject): Promise<Room> {
  const room = await subject.room();
  await room.deployments.create(deployment("web", 2));
  await until(
    "two pods are ready",
    async () => (await room.deployments.get("web")).status?.readyReplicas === 2,
  );
  return room;
}

function workloads(test: Conformance): void {
  test("with a Deployment its ReplicaSets and pods go", async (subject) => {
    await using _kubelet = subject.runPods();
    const { deployments, replicaSets, pods } = await workload(subject);
    const answer = await deployments.delete("web");
    deepEqual([answer.kind, answer.details?.kind], ["Status", "deployments"]);
    await until("all is gone", async () => {
      return (await replicaSets.names()).length === 0 && (await pods.names()).length === 0;
    });
  });

  test("a Deployment in the foreground stays until its pods are gone", async (subject) => {
    await using kubelet = subject.runPods();
    kubelet.endsPods = false;
    const { deployments, replicaSets, pods } = await workload(subject);
    await deployments.delete("web", { propagationPolicy: "Foreground" });
    await until("the pods are told to end", async () => {
      return (await pods.list()).items.every(({ metadata }) => metadata.deletionTimestamp);
    });
    equal((await deployments.list()).items.length, 1);
    equal((await replicaSets.list()).items.length, 1);
    await pods.deleteAll({}, { gracePeriodSeconds: 0 });
    await untilGone(deployments, "web");
    deepEqual(await replicaSets.names(), []);
  });

  test("orphans of a Deployment go on, and are adopted by the next of its name", async (subject) => {
    await using _kubelet = subject.runPods();
    const { deployments, replicaSets, pods } = await workload(subject);
    const before = [await replicaSets.names(), await pods.names()];
    await deployments.delete("web", { propagationPolicy: "Orphan" });
    await untilGone(deployments, "web");
    deepEqual([await replicaSets.names(), await pods.names()], before);
    const { metadata } = await deployments.create(deployment("web", 2));
    await until("the ReplicaSet is adopted", async () => {
      const { items: [only] } = await replicaSets.list();
      return only?.metadata.ownerReferences?.[0]?.uid === metadata.uid;
    });
    deepEqual([await replicaSets.names(), await pods.names()], before);
  });
}
