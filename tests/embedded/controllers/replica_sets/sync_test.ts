import { deepEqual, equal, match } from "node:assert/strict";
import type { ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { template } from "../build.ts";
import { Stage } from "../stage.ts";

function set(name: string, replicas: number, minReadySeconds?: number): ReplicaSet {
  const spec = { replicas, minReadySeconds, selector: { matchLabels: { app: "web" } }, template: template() };
  return { metadata: { name }, spec };
}

/** A stage with a ReplicaSet of so many pods, all ready. */
async function withSet(replicas: number): Promise<Stage> {
  const stage = await Stage.start();
  await stage.apps.namespace("shop").createReplicaSet(set("web", replicas));
  await ready(stage, replicas);
  return stage;
}

async function ready(stage: Stage, count: number): Promise<void> {
  await stage.until(`${count} pods are ready`, async () => {
    const { status } = await stage.apps.namespace("shop").getReplicaSet("web");
    return (status?.readyReplicas ?? 0) === count && status?.replicas === count;
  });
}

Deno.test("a ReplicaSet's pods are made, bound, run, and are told in its status and in Events", async () => {
  await using stage = await withSet(3);
  const { metadata, status } = await stage.apps.namespace("shop").getReplicaSet("web");
  deepEqual(status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
    observedGeneration: metadata!.generation,
  });
  const pods = await stage.pods();
  for (const { metadata: pod } of pods) {
    match(pod!.name!, /^web-[a-z0-9]{5}$/);
    deepEqual(pod!.ownerReferences, [{
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      name: "web",
      uid: metadata!.uid,
      controller: true,
      blockOwnerDeletion: true,
    }]);
  }
  const created = pods.map(({ metadata }) => `SuccessfulCreate: Created pod: ${metadata!.name}`);
  deepEqual((await stage.words("web")).sort(), created.sort());
  const [event] = await stage.events("web");
  deepEqual(event!.source, { component: "replicaset-controller" });
  deepEqual(stage.warnings, []);
});

Deno.test("a pod that is deleted, or has finished, is replaced", async () => {
  await using stage = await withSet(2);
  const [gone, failed] = await stage.pods();
  await stage.core.namespace("shop").deletePod(gone!.metadata!.name!);
  await stage.report(failed!, { phase: "Failed" });
  await stage.until("others are there", async () => {
    const running = (await stage.pods()).filter(({ status }) => status?.phase === "Running");
    return running.length === 2 && running.every(({ metadata }) => metadata!.uid !== gone!.metadata!.uid);
  });
  equal((await stage.pods()).length, 3);
});

Deno.test("scaling down removes the pod that is not ready, and says so", async () => {
  await using stage = await withSet(3);
  const [first, second, third] = await stage.pods();
  await stage.setReady(second!, false);
  const scale = { spec: { replicas: 2 } };
  await stage.apps.namespace("shop").patchReplicaSet("web", { type: "merge", body: scale });
  await ready(stage, 2);
  await stage.settle();
  deepEqual((await stage.pods()).map(({ metadata }) => metadata!.uid), [
    first!.metadata!.uid,
    third!.metadata!.uid,
  ]);
  equal((await stage.words("web")).at(-1), `SuccessfulDelete: Deleted pod: ${second!.metadata!.name}`);
});

Deno.test("a pod whose labels no longer match is let go and replaced, and taken back when they do again", async () => {
  await using stage = await withSet(2);
  const [pod] = await stage.pods();
  const relabel = (app: string) =>
    stage.core.namespace("shop").patchPod(pod!.metadata!.name!, {
      type: "merge",
      body: { metadata: { labels: { app } } },
    });
  await relabel("debug");
  await stage.until("another pod is there", async () => (await stage.pods()).length === 3);
  const released = await stage.core.namespace("shop").getPod(pod!.metadata!.name!);
  equal(released.metadata!.ownerReferences, undefined);
  await relabel("web");
  await stage.until("it is one too many", async () => (await stage.pods()).length === 2);
  await ready(stage, 2);
});

Deno.test("a pod that nobody owns and that matches is adopted", async () => {
  await using stage = await Stage.start();
  await stage.core.namespace("shop").createPod({
    spec: template().spec,
    metadata: { name: "own", labels: { app: "web" } },
  });
  await stage.apps.namespace("shop").createReplicaSet(set("web", 2));
  await ready(stage, 2);
  const { metadata } = await stage.core.namespace("shop").getPod("own");
  equal(metadata!.ownerReferences?.[0]?.name, "web");
  equal((await stage.pods()).length, 2);
});

Deno.test("with minReadySeconds a pod is available that much later, though nothing else happens", async () => {
  await using stage = await Stage.start();
  await stage.apps.namespace("shop").createReplicaSet(set("web", 1, 30));
  await ready(stage, 1);
  const available = async () =>
    (await stage.apps.namespace("shop").getReplicaSet("web")).status?.availableReplicas ?? 0;
  await stage.pass(25_000);
  equal(await available(), 0);
  await stage.pass(5000);
  equal(await available(), 1);
});

Deno.test("pods on their way out are counted until they are gone", async () => {
  await using stage = await withSet(2);
  stage.endsPods = false;
  await stage.apps.namespace("shop").patchReplicaSet("web", {
    type: "merge",
    body: { spec: { replicas: 0 } },
  });
  await stage.settle();
  const status = async () => (await stage.apps.namespace("shop").getReplicaSet("web")).status;
  equal((await status())?.terminatingReplicas, 2);
  equal((await status())?.replicas, 0);
  stage.endsPods = true;
  await stage.settle();
  equal((await status())?.terminatingReplicas, 0);
});

Deno.test("pods that are refused are told in the status and in an Event, and tried again until they are not", async () => {
  await using stage = await Stage.start();
  stage.refuses = ({ method, path }) => method === "POST" && path.endsWith("/pods");
  await stage.apps.namespace("shop").createReplicaSet(set("web", 1));
  const status = async () => (await stage.apps.namespace("shop").getReplicaSet("web")).status;
  const [condition] = await stage.until("the failure is told", async () => (await status())?.conditions);
  deepEqual(
    [condition!.type, condition!.status, condition!.reason, condition!.message],
    ["ReplicaFailure", "True", "FailedCreate", "exceeded quota"],
  );
  deepEqual(await stage.words("web"), ["FailedCreate: Error creating: exceeded quota"]);
  await stage.until("it is counted", async () => (await stage.events("web"))[0]!.count! > 2);
  stage.refuses = () => false;
  await ready(stage, 1);
  equal((await status())?.conditions, undefined);
});
