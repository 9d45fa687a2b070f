/**
 * How budgets are counted (policy/v1 PodDisruptionBudget).
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from "../../k8s/policy_v1.ts";
import { until } from "../cluster/support/wait.ts";
import { refused } from "./api.ts";
import type { Kept } from "./collection.ts";
import { boundPod, budget, deployment, running, startPod } from "./objects.ts";
import type { Conformance, Room } from "./subject.ts";

/** Waits until the controller has counted a budget's present generation, and these numbers. */
export async function settledBudget(
  { budgets }: Room,
  name: string,
  wanted: Partial<PodDisruptionBudgetStatus>,
): Promise<Kept<PodDisruptionBudget>> {
  let last: PodDisruptionBudget | undefined;
  const look = async () => {
    const found = await budgets.get(name);
    last = found;
    const counted = found.status?.observedGeneration === found.metadata.generation;
    const status: Record<string, unknown> = { ...found.status };
    return counted && Object.entries(wanted).every(([field, value]) => status[field] === value) && found;
  };
  return await until(`the budget ${name} says ${JSON.stringify(wanted)}`, look, 15_000).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last?.status)}`, { cause: error });
  });
}

/** Declares the tests. */
export function budgets(test: Conformance): void {
  counts(test);
  scaled(test);
  conditions(test);
  refusals(test);
}

function counts(test: Conformance): void {
  test("a budget over nothing allows nothing", async (subject) => {
    const room = await subject.room();
    await room.budgets.create(budget("web", "web", { minAvailable: 2 }));
    const { status } = await settledBudget(room, "web", {});
    const { expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed } = status!;
    deepEqual([expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed], [0, 0, 2, 0]);
  });

  test("healthy are the pods that are ready and are to stay", async (subject) => {
    const room = await subject.room();
    await startPod(room.pods, boundPod("ready", { app: "web" }));
    await startPod(room.pods, boundPod("unready", { app: "web" }), running(false));
    await startPod(room.pods, boundPod("ending", { app: "web" }));
    await startPod(room.pods, boundPod("other", { app: "other" }));
    await room.pods.create(boundPod("starting", { app: "web" }));
    await room.pods.delete("ending");
    await room.budgets.create(budget("web", "web", { minAvailable: 1 }));
    const { status } = await settledBudget(room, "web", { expectedPods: 4 });
    const { currentHealthy, desiredHealthy, disruptionsAllowed } = status!;
    deepEqual([currentHealthy, desiredHealthy, disruptionsAllowed], [1, 1, 0]);
  });

  test("a budget is counted anew when a pod's readiness changes, and when its own spec does", async (subject) => {
    const room = await subject.room();
    for (const name of ["a", "b"]) await startPod(room.pods, boundPod(name, { app: "web" }));
    await room.budgets.create(budget("web", "web", { minAvailable: 1 }));
    await settledBudget(room, "web", { currentHealthy: 2, disruptionsAllowed: 1 });
    await room.pods.mergeStatus("a", { status: running(false) });
    await settledBudget(room, "web", { currentHealthy: 1, disruptionsAllowed: 0 });
    await room.budgets.merge("web", { spec: { minAvailable: 0 } });
    const { status } = await settledBudget(room, "web", { desiredHealthy: 0, disruptionsAllowed: 1 });
    equal(status?.observedGeneration, 2);
  });

  test("an empty selector means all pods of the namespace", async (subject) => {
    const room = await subject.room();
    for (const name of ["a", "b"]) await startPod(room.pods, boundPod(name, { app: name }));
    await room.budgets.create({ metadata: { name: "all" }, spec: { selector: {}, minAvailable: 1 } });
    await settledBudget(room, "all", { expectedPods: 2, disruptionsAllowed: 1 });
  });

  test("expressions select pods as well", async (subject) => {
    const room = await subject.room();
    for (const name of ["a", "b", "c"]) await startPod(room.pods, boundPod(name, { app: name }));
    const matchExpressions = [{ key: "app", operator: "In" as const, values: ["a", "b"] }];
    await room.budgets.create({
      metadata: { name: "some" },
      spec: { selector: { matchExpressions }, minAvailable: 1 },
    });
    await settledBudget(room, "some", { expectedPods: 2, disruptionsAllowed: 1 });
  });
}

function scaled(test: Conformance): void {
  const rules: [string, Parameters<typeof budget>[2], number, number][] = [
    ["minAvailable 1", { minAvailable: 1 }, 1, 2],
    ['minAvailable "50%", rounded up', { minAvailable: "50%" }, 2, 1],
    ['minAvailable "100%"', { minAvailable: "100%" }, 3, 0],
    ["maxUnavailable 1", { maxUnavailable: 1 }, 2, 1],
    ["maxUnavailable 0", { maxUnavailable: 0 }, 3, 0],
    ['maxUnavailable "50%", rounded up', { maxUnavailable: "50%" }, 1, 2],
    ["maxUnavailable 5", { maxUnavailable: 5 }, 0, 3],
  ];
  test("a budget over a Deployment counts from the number of its replicas", async (subject) => {
    const room = await subject.room();
    await using _kubelet = subject.runPods();
    await room.deployments.create(deployment("web", 3));
    await until(
      "three pods are ready",
      async () => (await room.deployments.get("web")).status?.readyReplicas === 3,
    );
    for (const [i, [, spec]] of rules.entries()) await room.budgets.create(budget(`rule-${i}`, "web", spec));
    for (const [i, [rule, , desiredHealthy, disruptionsAllowed]] of rules.entries()) {
      const { status } = await settledBudget(room, `rule-${i}`, { expectedPods: 3, currentHealthy: 3 });
      deepEqual([rule, status?.desiredHealthy, status?.disruptionsAllowed], [
        rule,
        desiredHealthy,
        disruptionsAllowed,
      ]);
    }
  });

  test("a budget over a Deployment is counted anew when that is scaled", async (subject) => {
    const room = await subject.room();
    await using _kubelet = subject.runPods();
    await room.deployments.create(deployment("web", 2));
    await room.budgets.create(budget("web", "web", { maxUnavailable: 1 }));
    await settledBudget(room, "web", { expectedPods: 2, currentHealthy: 2, desiredHealthy: 1 });
    await room.deployments.merge("web", { spec: { replicas: 3 } });
    await settledBudget(room, "web", { expectedPods: 3, currentHealthy: 3, desiredHealthy: 2 });
  });

  test("pods that are missing count against what may be unavailable", async (subject) => {
    const room = await subject.room();
    await using kubelet = subject.runPods();
    let started = 0;
    kubelet.startsReady = ({ metadata }) => metadata?.namespace !== room.namespace || ++started <= 2;
    await room.deployments.create(deployment("web", 3));
    await room.budgets.create(budget("web", "web", { maxUnavailable: 1 }));
    await settledBudget(room, "web", {
      expectedPods: 3,
      currentHealthy: 2,
      desiredHealthy: 2,
      disruptionsAllowed: 0,
    });
  });

  test("pods without a controller are not what may be unavailable", async (subject) => {
    const room = await subject.room();
    await startPod(room.pods, boundPod("one", { app: "web" }));
    await room.budgets.create(budget("web", "web", { maxUnavailable: 1 }));
    const { status } = await settledBudget(room, "web", { currentHealthy: 1 });
    const { expectedPods, desiredHealthy, disruptionsAllowed } = status!;
    deepEqual([expectedPods, desiredHealthy, disruptionsAllowed], [0, 0, 0]);
  });
}

function conditions(test: Conformance): void {
  test("a budget says in a condition whether it allows anything", async (subject) => {
    const room = await subject.room();
    for (const name of ["a", "b"]) await startPod(room.pods, boundPod(name, { app: "web" }));
    await room.budgets.create(budget("web", "web", { minAvailable: 1 }));
    const allows = await settledBudget(room, "web", { disruptionsAllowed: 1 });
    const one = allows.status?.conditions?.[0];
    deepEqual([one?.type, one?.status, one?.reason], ["DisruptionAllowed", "True", "SufficientPods"]);
    equal(one?.observedGeneration, 1);
    ok(one?.lastTransitionTime);
    await room.budgets.merge("web", { spec: { minAvailable: 2 } });
    const refuses = await settledBudget(room, "web", { disruptionsAllowed: 0 });
    const other = refuses.status?.conditions?.[0];
    deepEqual([other?.type, other?.status, other?.reason], [
      "DisruptionAllowed",
      "False",
      "InsufficientPods",
    ]);
  });

  test("who writes a budget writes no status, and the other way round", async (subject) => {
    const room = await subject.room();
    await room.budgets.create(budget("web", "web", { minAvailable: 1 }));
    await settledBudget(room, "web", { desiredHealthy: 1 });
    const ignored = await room.budgets.merge("web", { status: { disruptionsAllowed: 9 } });
    equal(ignored.status?.disruptionsAllowed, 0);
    const alsoIgnored = await room.budgets.mergeStatus("web", { spec: { minAvailable: 9 } });
    equal(alsoIgnored.spec?.minAvailable, 1);
  });
}

function refusals(test: Conformance): void {
  const wrong: [string, Parameters<typeof budget>[2], string][] = [
    ["both bounds", { minAvailable: 1, maxUnavailable: 1 }, "spec"],
    ["a negative bound", { minAvailable: -1 }, "spec.minAvailable"],
    ["more than all", { minAvailable: "101%" }, "spec.minAvailable"],
    ["a bound that is no number", { maxUnavailable: "some" }, "spec.maxUnavailable"],
  ];
  for (const [what, spec, field] of wrong) {
    test(`a budget with ${what} is refused`, async (subject) => {
      const { budgets } = await subject.room();
      await refused(budgets.create(budget("web", "web", spec)), {
        code: 422,
        reason: "Invalid",
        says: /^PodDisruptionBudget.policy "web" is invalid/,
        field,
        cause: "FieldValueInvalid",
      });
    });
  }
}
