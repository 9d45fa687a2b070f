import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Deployment, DeploymentSpec, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { MergePatch } from "../../../../k8s/patch.ts";
import { isReady } from "../../../../lib/embedded/controllers/objects/pods.ts";
import { template } from "../build.ts";
import { Stage } from "../stage.ts";

/** A stage with a Deployment whose first rollout is complete. */
async function withDeployment(spec: Partial<DeploymentSpec> = {}): Promise<Stage> {
  const stage = await Stage.start();
  await stage.apps.namespace("shop").createDeployment({
    metadata: { name: "web" },
    spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: template(1), ...spec },
  });
  await rolledOut(stage);
  return stage;
}

function deployment(stage: Stage): Promise<Deployment> {
  return stage.apps.namespace("shop").getDeployment("web");
}

async function change(stage: Stage, spec: MergePatch<DeploymentSpec>): Promise<void> {
  await stage.apps.namespace("shop").patchDeployment("web", { type: "merge", body: { spec } });
}

function image(tag: number | string): MergePatch<DeploymentSpec> {
  return { template: { spec: template(tag).spec } };
}

/** Waits as `kubectl rollout status` does. */
async function rolledOut(stage: Stage): Promise<Deployment> {
  return await stage.until("the rollout is complete", async () => {
    const one = await deployment(stage);
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = one.status ??
      {};
    return observedGeneration >= one.metadata!.generation! && updatedReplicas === one.spec!.replicas &&
      replicas === updatedReplicas && availableReplicas === updatedReplicas && one;
  });
}

/** The ReplicaSets by their revision, and how many pods each is to have. */
async function revisions(stage: Stage): Promise<Record<string, number>> {
  const { items } = await stage.apps.namespace("shop").getReplicaSetList();
  const revision = ({ metadata }: ReplicaSet) => metadata!.annotations!["deployment.kubernetes.io/revision"]!;
  return Object.fromEntries(items.map((one) => [revision(one), one.spec!.replicas!]));
}

async function condition(stage: Stage, type: string) {
  return (await deployment(stage)).status?.conditions?.find((one) => one.type === type);
}

async function progressing(stage: Stage, reason: string): Promise<void> {
  await stage.until(reason, async () => (await condition(stage, "Progressing"))?.reason === reason);
}

Deno.test("a Deployment is rolled out, with status, revision and Events as kubectl reads them", async () => {
  await using stage = await withDeployment();
  await stage.settle();
  const { metadata, status } = await deployment(stage);
  const { conditions, ...counts } = status!;
  deepEqual(counts, {
    observedGeneration: metadata!.generation,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
  });
  deepEqual(Object.fromEntries(conditions!.map((one) => [one.type, [one.status, one.reason]])), {
    Progressing: ["True", "NewReplicaSetAvailable"],
    Available: ["True", "MinimumReplicasAvailable"],
  });
  equal(metadata!.annotations!["deployment.kubernetes.io/revision"], "1");
  equal((await stage.words("web")).length, 1);
  match((await stage.words("web"))[0]!, /^ScalingReplicaSet: Scaled up replica set web-\w+ from 0 to 3$/);
  deepEqual(stage.warnings, []);
});

Deno.test("a rollout never has more pods, nor fewer ready ones, than its limits say", async () => {
  await using stage = await withDeployment({ replicas: 6 });
  const ready: number[] = [];
  const total: number[] = [];
  await change(stage, image(2));
  await stage.until("all pods are new", async () => {
    const pods = (await stage.pods()).filter(({ metadata }) => !metadata!.deletionTimestamp);
    total.push(pods.length);
    ready.push(pods.filter(isReady).length);
    return pods.every(({ spec }) => spec!.containers[0]!.image === "app:2") && pods.length === 6;
  });
  ok(Math.max(...total) <= 8);
  ok(Math.min(...ready) >= 5);
  await rolledOut(stage);
  deepEqual(await revisions(stage), { 1: 0, 2: 6 });
});

Deno.test("undoing reuses the old ReplicaSet, with a new revision", async () => {
  await using stage = await withDeployment();
  const [before] = (await stage.apps.namespace("shop").getReplicaSetList()).items;
  await change(stage, image(2));
  await rolledOut(stage);
  await change(stage, image(1));
  await rolledOut(stage);
  await stage.settle();
  deepEqual(await revisions(stage), { 2: 0, 3: 3 });
  const { metadata } = await stage.apps.namespace("shop").getReplicaSet(before!.metadata!.name!);
  equal(metadata!.annotations!["deployment.kubernetes.io/revision-history"], "1");
  equal((await deployment(stage)).metadata!.annotations!["deployment.kubernetes.io/revision"], "3");
});

Deno.test("scaling changes the one ReplicaSet, and is told", async () => {
  await using stage = await withDeployment();
  await change(stage, { replicas: 5 });
  await rolledOut(stage);
  deepEqual(await revisions(stage), { 1: 5 });
  match((await stage.words("web")).at(-1)!, /Scaled up replica set web-\w+ from 3 to 5$/);
  await change(stage, { replicas: 0 });
  await rolledOut(stage);
  await stage.settle();
  deepEqual(await stage.pods(), []);
});

Deno.test("a Deployment that is scaled in the midst of a rollout keeps the shares of its sets", async () => {
  await using stage = await withDeployment({ replicas: 10 });
  stage.readiesPods = () => false;
  await change(stage, image(2));
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 8, 2: 5 });
  await change(stage, { replicas: 20 });
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 15, 2: 10 });
});

Deno.test("a rollout that does not get on is late after its deadline, and goes on when it can", async () => {
  await using stage = await withDeployment({ progressDeadlineSeconds: 60 });
  stage.readiesPods = () => false;
  await change(stage, image("broken"));
  await stage.settle();
  await stage.pass(50_000);
  equal((await condition(stage, "Progressing"))!.status, "True");
  await stage.pass(15_000);
  await progressing(stage, "ProgressDeadlineExceeded");
  const late = await condition(stage, "Progressing");
  equal(late!.status, "False");
  match(late!.message!, /^ReplicaSet "web-\w+" has timed out progressing\.$/);
  for (const pod of await stage.pods()) await stage.setReady(pod, true);
  stage.readiesPods = () => true;
  await rolledOut(stage);
  await progressing(stage, "NewReplicaSetAvailable");
});

Deno.test("a broken rollout leaves as many old pods as are needed", async () => {
  await using stage = await withDeployment({ replicas: 4 });
  stage.readiesPods = ({ spec }) => spec!.containers[0]!.image !== "app:broken";
  await change(stage, image("broken"));
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 3, 2: 2 });
  await change(stage, image(1));
  await rolledOut(stage);
  deepEqual(await revisions(stage), { 2: 0, 3: 4 });
});

Deno.test("a paused Deployment does not roll out until it is resumed", async () => {
  await using stage = await withDeployment();
  await change(stage, { paused: true, ...image(2) });
  await progressing(stage, "DeploymentPaused");
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 3 });
  await change(stage, { paused: null });
  await rolledOut(stage);
  deepEqual(await revisions(stage), { 1: 0, 2: 3 });
});

Deno.test("a Deployment that recreates its pods never runs old and new ones together", async () => {
  await using stage = await withDeployment({ strategy: { type: "Recreate" } });
  stage.endsPods = false;
  await change(stage, image(2));
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 0 });
  stage.endsPods = true;
  await rolledOut(stage);
  deepEqual(await revisions(stage), { 1: 0, 2: 3 });
  const images = (await stage.pods()).map(({ spec }) => spec!.containers[0]!.image);
  deepEqual(images, ["app:2", "app:2", "app:2"]);
});

Deno.test("old ReplicaSets beyond the history's limit are removed", async () => {
  await using stage = await withDeployment({ revisionHistoryLimit: 1 });
  for (const tag of [2, 3, 4]) {
    await change(stage, image(tag));
    await rolledOut(stage);
  }
  await stage.settle();
  deepEqual(await revisions(stage), { 3: 0, 4: 3 });
});

Deno.test("a Deployment with minReadySeconds waits for new pods to prove themselves", async () => {
  await using stage = await withDeployment({ minReadySeconds: 10, replicas: 2 });
  await change(stage, image(2));
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 2, 2: 1 });
  await stage.pass(10_000);
  await stage.settle();
  deepEqual(await revisions(stage), { 1: 1, 2: 2 });
  await stage.pass(10_000);
  await rolledOut(stage);
});

Deno.test("a ReplicaSet that nobody owns and that matches is adopted", async () => {
  await using stage = await Stage.start();
  const apps = stage.apps.namespace("shop");
  const spec = { replicas: 3, selector: { matchLabels: { app: "web" } }, template: template(1) };
  await apps.createReplicaSet({ metadata: { name: "before", labels: { app: "web" } }, spec });
  await apps.createDeployment({ metadata: { name: "web" }, spec });
  await rolledOut(stage);
  const { items } = await apps.getReplicaSetList();
  deepEqual(items.map(({ metadata }) => metadata!.name), ["before"]);
  equal(items[0]!.metadata!.ownerReferences![0]!.name, "web");
});

Deno.test("a name that another template's ReplicaSet has makes another name", async () => {
  await using stage = await withDeployment();
  const apps = stage.apps.namespace("shop");
  await change(stage, image(2));
  await rolledOut(stage);
  const taken = (await apps.getReplicaSetList()).items.find(({ spec }) => spec!.replicas === 3)!;
  await change(stage, image(1));
  await rolledOut(stage);
  await apps.deleteReplicaSet(taken.metadata!.name!);
  await stage.settle();
  const foreign = { app: "other" };
  await apps.createReplicaSet({
    metadata: { name: taken.metadata!.name },
    spec: {
      replicas: 0,
      selector: { matchLabels: foreign },
      template: { ...template(9), metadata: { labels: foreign } },
    },
  });
  await change(stage, image(2));
  const { status } = await rolledOut(stage);
  equal(status!.collisionCount, 1);
});

Deno.test("a ReplicaSet that cannot be made is told in the condition and in an Event", async () => {
  await using stage = await withDeployment();
  stage.refuses = ({ method, path }) => method === "POST" && path.endsWith("/replicasets");
  await change(stage, image(2));
  await progressing(stage, "ReplicaSetCreateError");
  match(
    (await stage.words("web")).at(-1)!,
    /^ReplicaSetCreateError: Failed to create new replica set "web-\w+": exceeded quota$/,
  );
  stage.refuses = () => false;
  await rolledOut(stage);
});

Deno.test("once all is as it should be nothing is written any more", async () => {
  await using stage = await withDeployment();
  await stage.settle();
  const { metadata } = await stage.core.getPodListForAllNamespaces();
  await stage.pass(30_000);
  equal((await stage.core.getPodListForAllNamespaces()).metadata!.resourceVersion, metadata!.resourceVersion);
});
