import { equal } from "node:assert/strict";
import { isStatus } from "../../../../lib/kube/errors.ts";
import { template } from "../build.ts";
import { Stage } from "../stage.ts";

async function isGone(stage: Stage): Promise<boolean> {
  try {
    await stage.core.getNamespace("shop");
    return false;
  } catch (error) {
    if (isStatus(error, 404)) return true;
    throw error;
  }
}

/** A stage whose namespace holds a bit of everything. */
async function withContent(): Promise<Stage> {
  const stage = await Stage.start();
  const selector = { matchLabels: { app: "web" } };
  const spec = { replicas: 2, selector, template: template() };
  await stage.apps.namespace("shop").createDeployment({ metadata: { name: "web" }, spec });
  await stage.policy.namespace("shop").createPodDisruptionBudget({
    metadata: { name: "web" },
    spec: { selector },
  });
  await stage.core.namespace("shop").createConfigMap({ metadata: { name: "settings" } });
  await stage.until("its pods run", async () => {
    const pods = await stage.pods();
    return pods.length === 2 && pods.every(({ status }) => status!.phase === "Running");
  });
  return stage;
}

Deno.test("a namespace that is deleted is emptied and gone; nothing of it is left or made anew", async () => {
  await using stage = await withContent();
  await stage.core.deleteNamespace("shop");
  await stage.until("it is gone", () => isGone(stage));
  equal((await stage.core.getPodListForAllNamespaces()).items.length, 0);
  equal((await stage.apps.getReplicaSetListForAllNamespaces()).items.length, 0);
  equal((await stage.core.getEventListForAllNamespaces()).items.length, 0);
});

Deno.test("pods of a namespace that goes have the time that they were given", async () => {
  await using stage = await withContent();
  stage.endsPods = false;
  await stage.core.deleteNamespace("shop");
  await stage.pass(1000);
  const pods = await stage.pods();
  equal(pods.length, 2);
  for (const { metadata } of pods) equal(metadata!.deletionGracePeriodSeconds, 30);
  equal(await isGone(stage), false);
  stage.endsPods = true;
  await stage.until("it is gone", () => isGone(stage));
});

Deno.test("a namespace waits for content that a finalizer keeps", async () => {
  await using stage = await Stage.start();
  const core = stage.core.namespace("shop");
  await core.createConfigMap({ metadata: { name: "kept", finalizers: ["example.com/keep"] } });
  await stage.core.deleteNamespace("shop");
  await stage.pass(20_000);
  equal(await isGone(stage), false);
  await core.patchConfigMap("kept", { type: "merge", body: { metadata: { finalizers: null } } });
  await stage.until("it is gone", () => isGone(stage));
});
