import { deepEqual, equal } from "node:assert/strict";
import type { OwnerReference } from "../../../../k8s/meta_v1.ts";
import { isStatus } from "../../../../lib/kube/errors.ts";
import { template } from "../build.ts";
import { Stage } from "../stage.ts";

async function withDeployment(): Promise<Stage> {
  const stage = await Stage.start();
  const spec = { replicas: 2, selector: { matchLabels: { app: "web" } }, template: template() };
  await stage.apps.namespace("shop").createDeployment({ metadata: { name: "web" }, spec });
  await stage.until("its pods run", async () => {
    const pods = await stage.pods();
    return pods.length === 2 && pods.every(({ status }) => status!.phase === "Running");
  });
  return stage;
}

async function counts(stage: Stage): Promise<number[]> {
  const apps = stage.apps.namespace("shop");
  const lists = [await apps.getDeploymentList(), await apps.getReplicaSetList()];
  return [...lists.map(({ items }) => items.length), (await stage.pods()).length];
}

async function configMap(
  stage: Stage,
  name: string,
  ...ownerReferences: OwnerReference[]
): Promise<OwnerReference> {
  const { metadata } = await stage.core.namespace("shop").createConfigMap({
    metadata: { name, ownerReferences },
  });
  return { apiVersion: "v1", kind: "ConfigMap", name, uid: metadata!.uid! };
}

async function read(stage: Stage, name: string) {
  try {
    return await stage.core.namespace("shop").getConfigMap(name);
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

Deno.test("what a Deployment owns goes after it", async () => {
  await using stage = await withDeployment();
  await stage.apps.namespace("shop").deleteDeployment("web");
  await stage.settle();
  deepEqual(await counts(stage), [0, 0, 0]);
  deepEqual(stage.warnings, []);
});

Deno.test("what a Deployment owns stays where it is orphaned, and is nobody's then", async () => {
  await using stage = await withDeployment();
  await stage.apps.namespace("shop").deleteDeployment("web", { propagationPolicy: "Orphan" });
  await stage.settle();
  deepEqual(await counts(stage), [0, 1, 2]);
  const { items } = await stage.apps.namespace("shop").getReplicaSetList();
  equal(items[0]!.metadata!.ownerReferences, undefined);
});

Deno.test("a Deployment that is deleted in the foreground goes last", async () => {
  await using stage = await withDeployment();
  stage.endsPods = false;
  await stage.apps.namespace("shop").deleteDeployment("web", { propagationPolicy: "Foreground" });
  await stage.settle();
  deepEqual(await counts(stage), [1, 1, 2]);
  for (const { metadata } of await stage.pods()) equal(typeof metadata!.deletionTimestamp, "string");
  stage.endsPods = true;
  await stage.settle();
  deepEqual(await counts(stage), [0, 0, 0]);
});

Deno.test("an object stays until the last of its owners is gone", async () => {
  await using stage = await Stage.start();
  const one = await configMap(stage, "one");
  const other = await configMap(stage, "other");
  await configMap(stage, "shared", one, other);
  await stage.core.namespace("shop").deleteConfigMap("one");
  await stage.until("the lost owner is forgotten", async () => {
    return (await read(stage, "shared"))!.metadata!.ownerReferences!.length === 1;
  });
  await stage.core.namespace("shop").deleteConfigMap("other");
  await stage.until("it is gone", async () => await read(stage, "shared") === undefined);
});

Deno.test("what refers to an owner that never was, or is another one of its name, is deleted", async () => {
  await using stage = await Stage.start();
  const owner = await configMap(stage, "owner");
  await configMap(stage, "stray", { ...owner, uid: "of-one-before" });
  await configMap(stage, "kept", owner);
  await stage.until("it is gone", async () => await read(stage, "stray") === undefined);
  await stage.settle();
  equal((await read(stage, "kept"))?.metadata?.name, "kept");
});

Deno.test("an owner of a kind that is not served keeps what it owns", async () => {
  await using stage = await Stage.start();
  await configMap(stage, "result", { apiVersion: "batch/v1", kind: "Job", name: "import", uid: "u" });
  await stage.settle();
  equal((await read(stage, "result"))?.metadata?.name, "result");
});
