import { deepEqual, equal, rejects } from "node:assert/strict";
import type { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from "../../../../k8s/policy_v1.ts";
import { isStatus } from "../../../../lib/kube/errors.ts";
import { template } from "../build.ts";
import { Stage } from "../stage.ts";

/** A stage with a Deployment of three pods and a budget over them. */
async function withBudget(spec: PodDisruptionBudgetSpec): Promise<Stage> {
  const stage = await Stage.start();
  const selector = { matchLabels: { app: "web" } };
  await stage.apps.namespace("shop").createDeployment({
    metadata: { name: "web" },
    spec: { replicas: 3, selector, template: template() },
  });
  await stage.policy.namespace("shop").createPodDisruptionBudget({
    metadata: { name: "web" },
    spec: { selector, ...spec },
  });
  await reported(stage, { expectedPods: 3, currentHealthy: 3 });
  return stage;
}

async function status(stage: Stage): Promise<PodDisruptionBudgetStatus> {
  return (await stage.policy.namespace("shop").getPodDisruptionBudget("web")).status ?? {};
}

async function reported(stage: Stage, wanted: PodDisruptionBudgetStatus): Promise<void> {
  await stage.until(`the budget says ${JSON.stringify(wanted)}`, async () => {
    const now = await status(stage);
    return Object.entries(wanted).every(([field, value]) =>
      now[field as keyof PodDisruptionBudgetStatus] === value
    );
  });
}

async function evict(stage: Stage, index: number): Promise<void> {
  const name = (await stage.pods())[index]!.metadata!.name!;
  await stage.core.namespace("shop").createPodEviction(name, { metadata: { name } });
}

function refused(error: unknown): boolean {
  return isStatus(error, 429);
}

Deno.test("a budget follows its pods", async () => {
  await using stage = await withBudget({ minAvailable: 2 });
  const { conditions, ...counts } = await status(stage);
  const allowed = { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };
  deepEqual(counts, { ...allowed, observedGeneration: 1 });
  deepEqual(conditions!.map(({ type, reason }) => [type, reason]), [["DisruptionAllowed", "SufficientPods"]]);
  const [pod] = await stage.pods();
  await stage.setReady(pod!, false);
  await reported(stage, { disruptionsAllowed: 0, currentHealthy: 2 });
  equal((await status(stage)).conditions![0]!.reason, "InsufficientPods");
});

Deno.test("a budget allows one eviction, then none until the pod is replaced", async () => {
  await using stage = await withBudget({ maxUnavailable: 1 });
  await evict(stage, 0);
  await rejects(evict(stage, 1), refused);
  await reported(stage, { disruptionsAllowed: 1, currentHealthy: 3 });
  await evict(stage, 0);
});

Deno.test("a budget goes by the Deployment's size as soon as that changes", async () => {
  await using stage = await withBudget({ maxUnavailable: "50%" });
  await reported(stage, { desiredHealthy: 1 });
  stage.startsPods = false;
  await stage.apps.namespace("shop").patchDeployment("web", {
    type: "merge",
    body: { spec: { replicas: 10 } },
  });
  await reported(stage, { expectedPods: 10, desiredHealthy: 5, disruptionsAllowed: 0 });
});

Deno.test("an eviction that comes to nothing is given back two minutes later, and told", async () => {
  await using stage = await withBudget({ minAvailable: 2 });
  const [pod] = await stage.pods();
  const { name } = pod!.metadata!;
  const at = new Date(stage.clock.now()).toISOString().replace(/\.\d+Z/, "Z");
  const given = { disruptedPods: { [name!]: at }, disruptionsAllowed: 0 };
  await stage.policy.namespace("shop").patchPodDisruptionBudgetStatus("web", {
    type: "merge",
    body: { status: given },
  });
  await reported(stage, { currentHealthy: 2 });
  await stage.pass(121_000);
  await reported(stage, { currentHealthy: 3, disruptionsAllowed: 1 });
  equal((await status(stage)).disruptedPods, undefined);
  equal((await stage.events(name!)).at(-1)!.reason, "NotDeleted");
});

Deno.test("a condition that speaks of an eviction is taken back where the pod stays", async () => {
  await using stage = await withBudget({ minAvailable: 2 });
  const [pod] = await stage.pods();
  const lastTransitionTime = new Date(stage.clock.now()).toISOString().replace(/\.\d+Z/, "Z");
  const target = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    lastTransitionTime,
  };
  await stage.report(pod!, { conditions: [...pod!.status!.conditions!, target] });
  const state = async () => {
    const { status } = await stage.core.namespace("shop").getPod(pod!.metadata!.name!);
    return status!.conditions!.find(({ type }) => type === "DisruptionTarget")!.status;
  };
  await stage.pass(60_000);
  equal(await state(), "True");
  await stage.pass(61_000);
  equal(await state(), "False");
});

Deno.test("a budget whose pods' scale is not known allows nothing and says why", async () => {
  await using stage = await withBudget({ maxUnavailable: 1 });
  const [owner] = [{ apiVersion: "batch/v1", kind: "Job", name: "import", uid: "u", controller: true }];
  await stage.core.namespace("shop").createPod({
    metadata: { name: "import", labels: { app: "web" }, ownerReferences: [owner] },
    spec: template().spec,
  });
  await reported(stage, { disruptionsAllowed: 0 });
  const { conditions } = await status(stage);
  equal(conditions![0]!.reason, "SyncFailed");
  equal(conditions![0]!.message, "jobs.batch does not implement the scale subresource");
});

Deno.test("a budget that selects nothing says so", async () => {
  await using stage = await Stage.start();
  await stage.policy.namespace("shop").createPodDisruptionBudget({
    metadata: { name: "web" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "none" } } },
  });
  await reported(stage, { desiredHealthy: 1, expectedPods: 0, disruptionsAllowed: 0 });
  deepEqual((await stage.words("web"))[0], "NoPods: No matching pods found");
});
