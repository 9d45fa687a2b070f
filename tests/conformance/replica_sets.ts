/**
 * ReplicaSets: so many pods, no more and no fewer.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ReplicaSet } from "../../k8s/apps_v1.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import { until } from "../cluster/support/wait.ts";
import { refused } from "./api.ts";
import type { Kept } from "./collection.ts";
import { boundPod, startPod } from "./objects.ts";
import type { Conformance, Room } from "./subject.ts";

/** Declares the tests. */
export function replicaSets(test: Conformance): void {
  counts(test);
  scaling(test);
  ownership(test);
  scales(test);
}

function replicaSet(name: string, replicas: number): ReplicaSet {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "app" }] } };
  return { metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template } };
}

/** The pods that are to stay, once there are so many. */
async function live(room: Room, count: number): Promise<Kept<Pod>[]> {
  return await until(`${count} pods`, async () => {
    const { items } = await room.pods.list();
    const staying = items.filter(({ metadata }) => !metadata.deletionTimestamp);
    return staying.length === count && staying;
  });
}

async function ready(room: Room, count: number): Promise<Kept<ReplicaSet>> {
  return await until(`${count} pods are ready`, async () => {
    const found = await room.replicaSets.get("web");
    return found.status?.readyReplicas === count && found.status.replicas === count && found;
  });
}

function counts(test: Conformance): void {
  test("a ReplicaSet makes its pods, which it owns", async (subject) => {
    const room = await subject.room();
    const { metadata } = await room.replicaSets.create(replicaSet("web", 2));
    const pods = await live(room, 2);
    for (const pod of pods) {
      match(pod.metadata.name!, /^web-[a-z0-9]{5}$/);
      equal(pod.metadata.generateName, "web-");
      deepEqual(pod.metadata.labels, { app: "web" });
      deepEqual(pod.metadata.ownerReferences, [{
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: "web",
        uid: metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      }]);
    }
  });

  test("a ReplicaSet says how many pods there are, are ready and are available", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 2));
    await ready(room, 2);
    const { status } = await until("they are available", async () => {
      const found = await room.replicaSets.get("web");
      return found.status?.availableReplicas === 2 && found;
    });
    const { replicas, fullyLabeledReplicas, observedGeneration } = status!;
    deepEqual([replicas, fullyLabeledReplicas, observedGeneration], [2, 2, 1]);
  });

  test("a pod that is deleted or has failed is replaced", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 2));
    await ready(room, 2);
    const [first, second] = await live(room, 2);
    await room.pods.delete(first!.metadata.name!);
    await room.pods.mergeStatus(second!.metadata.name!, { status: { phase: "Failed" } });
    const old = new Set([first, second].map((pod) => pod!.metadata.uid));
    await until("two others run", async () => {
      const { items } = await room.pods.list();
      return items.filter(({ metadata, status }) => !old.has(metadata.uid) && status?.phase === "Running")
        .length === 2;
    });
  });

  test("a pod that is told to end is replaced before it has ended", async (subject) => {
    await using kubelet = subject.runPods();
    kubelet.endsPods = false;
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 1));
    const [first] = await live(room, 1);
    await until("it is bound", async () => (await room.pods.get(first!.metadata.name!)).spec?.nodeName);
    await room.pods.delete(first!.metadata.name!);
    await until("there is another", async () => (await room.pods.names()).length === 2);
    ok((await room.pods.get(first!.metadata.name!)).metadata.deletionTimestamp);
    await room.pods.delete(first!.metadata.name!, { gracePeriodSeconds: 0 });
  });
}

function scaling(test: Conformance): void {
  test("of pods that are too many, those that are not ready go first", async (subject) => {
    await using kubelet = subject.runPods();
    const room = await subject.room();
    const unready = new Set<string>();
    kubelet.startsReady = ({ metadata }) => {
      if (metadata?.namespace !== room.namespace || unready.size >= 2) return true;
      unready.add(metadata.name!);
      return false;
    };
    await room.replicaSets.create(replicaSet("web", 4));
    await until("two are ready", async () => (await room.replicaSets.get("web")).status?.readyReplicas === 2);
    await until("all run", async () => {
      return (await room.pods.list()).items.every(({ status }) => status?.phase === "Running");
    });
    await room.replicaSets.merge("web", { spec: { replicas: 2 } });
    const left = await live(room, 2);
    deepEqual(left.filter(({ metadata }) => unready.has(metadata.name!)), []);
  });

  test("of pods that are too many, those without a node go before those with one", async (subject) => {
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 3));
    const pods = await live(room, 3);
    for (const pod of pods.slice(1)) {
      const body = { metadata: { name: pod.metadata.name }, target: { kind: "Node", name: "node-1" } };
      // A scheduler of the cluster's own may have been faster.
      await subject.api.call("POST", room.pods.at(pod.metadata.name!, "binding"), { body });
      await room.pods.mergeStatus(pod.metadata.name!, { status: { phase: "Running" } });
    }
    await until(
      "the ReplicaSet has seen it",
      async () => (await room.replicaSets.get("web")).status?.replicas === 3,
    );
    await room.replicaSets.merge("web", { spec: { replicas: 2 } });
    const left = await live(room, 2);
    deepEqual(
      left.map(({ metadata }) => metadata.name).toSorted(),
      pods.slice(1).map(({ metadata }) => metadata.name).toSorted(),
    );
  });

  test("the pod with the lowest deletion cost goes first", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 3));
    await ready(room, 3);
    const pods = await live(room, 3);
    const cheap = pods[1]!.metadata.name!;
    const annotations = { "controller.kubernetes.io/pod-deletion-cost": "-5" };
    const { metadata } = await room.pods.merge(cheap, { metadata: { annotations } });
    await using watching = await room.pods.watch({ resourceVersion: metadata.resourceVersion });
    // The cost counts once the controller has seen it, which nothing shows.
    await room.pods.merge(pods[0]!.metadata.name!, { metadata: { labels: { seen: "yes" } } });
    await watching.until(`MODIFIED ${pods[0]!.metadata.name}`);
    await room.replicaSets.merge("web", { spec: { replicas: 2 } });
    const left = await live(room, 2);
    ok(!left.some(({ metadata }) => metadata.name === cheap));
  });

  test("a ReplicaSet of no pods has none", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 2));
    await ready(room, 2);
    await room.replicaSets.merge("web", { spec: { replicas: 0 } });
    await until("all are gone", async () => (await room.pods.names()).length === 0);
    await until("it says so", async () => (await room.replicaSets.get("web")).status?.replicas === 0);
  });
}

function ownership(test: Conformance): void {
  test("a pod that nobody owns and that fits is adopted", async (subject) => {
    const room = await subject.room();
    await startPod(room.pods, boundPod("loose", { app: "web" }));
    const { metadata } = await room.replicaSets.create(replicaSet("web", 2));
    await live(room, 2);
    await until("it is adopted", async () => {
      const { metadata: { ownerReferences } } = await room.pods.get("loose");
      return ownerReferences?.[0]?.uid === metadata.uid;
    });
  });

  test("a pod whose labels no longer fit is let go, and replaced", async (subject) => {
    await using _kubelet = subject.runPods();
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 1));
    const [first] = await live(room, 1);
    await room.pods.merge(first!.metadata.name!, { metadata: { labels: { app: "debug" } } });
    await until("it is let go", async () => {
      const { metadata } = await room.pods.get(first!.metadata.name!);
      return metadata.ownerReferences === undefined;
    });
    await live(room, 2);
    equal((await room.pods.names({ labelSelector: "app=web" })).length, 1);
  });
}

interface Scale {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name?: string; readonly resourceVersion?: string };
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly replicas?: number; readonly selector?: string };
}

function scales(test: Conformance): void {
  test("a scale shows and sets the number of pods", async (subject) => {
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 1));
    await live(room, 1);
    await until("it is counted", async () => (await room.replicaSets.get("web")).status?.replicas === 1);
    const path = room.replicaSets.at("web", "scale");
    const scale = await subject.api.json<Scale>("GET", path);
    deepEqual([scale.kind, scale.apiVersion, scale.metadata.name], ["Scale", "autoscaling/v1", "web"]);
    deepEqual([scale.spec.replicas, scale.status.replicas, scale.status.selector], [1, 1, "app=web"]);
    const put = await subject.api.json<Scale>("PUT", path, { body: { ...scale, spec: { replicas: 2 } } });
    equal(put.spec.replicas, 2);
    await live(room, 2);
    await refused(subject.api.json("PUT", path, { body: { ...scale, spec: { replicas: 3 } } }), {
      code: 409,
      reason: "Conflict",
    });
  });

  test("a scale can be patched", async (subject) => {
    const room = await subject.room();
    await room.replicaSets.create(replicaSet("web", 0));
    const headers = { "content-type": "application/merge-patch+json" };
    const body = { spec: { replicas: 1 } };
    await subject.api.json("PATCH", room.replicaSets.at("web", "scale"), { body, headers });
    const { spec, metadata } = await room.replicaSets.get("web");
    deepEqual([spec?.replicas, metadata.generation], [1, 2]);
    await live(room, 1);
  });
}
