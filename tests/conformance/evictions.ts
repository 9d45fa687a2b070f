/**
 * Evictions (policy/v1): what a budget allows, and in which words it refuses.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import type { DeleteOptions, Status } from "../../k8s/meta_v1.ts";
import { until } from "../cluster/support/wait.ts";
import { type Query, refused } from "./api.ts";
import { settledBudget } from "./budgets.ts";
import type { Collection } from "./collection.ts";
import { boundPod, budget, nobody, pod, running, startPod } from "./objects.ts";
import type { Conformance, Room, Subject } from "./subject.ts";

/** Asks for an eviction. */
export function evict(
  pods: Collection<Pod>,
  name: string,
  deleteOptions?: DeleteOptions,
  query?: Query,
): Promise<Status> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name }, deleteOptions };
  return pods.api.json("POST", pods.at(name, "eviction"), { body, query });
}

const refusal = {
  code: 429,
  reason: "TooManyRequests",
  says: "Cannot evict pod as it would violate the pod's disruption budget.",
  cause: "DisruptionBudget",
};

/** Declares the tests. */
export function evictions(test: Conformance): void {
  unbudgeted(test);
  requests(test);
  refusals(test);
  unhealthy(test);
  accounts(test);
}

function unbudgeted(test: Conformance): void {
  test("an eviction tells the pod to end, and why", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    const answer = await evict(pods, "one");
    deepEqual([answer.kind, answer.status, answer.code], ["Status", "Success", 201]);
    const { metadata, status } = await pods.get("one");
    ok(metadata.deletionTimestamp);
    equal(metadata.deletionGracePeriodSeconds, 30);
    const condition = status?.conditions?.find(({ type }) => type === "DisruptionTarget");
    deepEqual([condition?.status, condition?.reason], ["True", "EvictionByEvictionAPI"]);
    equal(condition?.message, "Eviction API: evicting");
    ok(Math.abs(Date.now() - Date.parse(condition?.lastTransitionTime ?? "")) < 5000);
  });

  test("an eviction gives the grace that it says", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    await evict(pods, "one", { gracePeriodSeconds: 3 });
    equal((await pods.get("one")).metadata.deletionGracePeriodSeconds, 3);
  });

  test("a pod that has finished or has no node is gone at once", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("finished"), { phase: "Succeeded" });
    await pods.create(pod("unbound"));
    await evict(pods, "finished");
    await evict(pods, "unbound");
    ok(await pods.isGone("finished"));
    ok(await pods.isGone("unbound"));
  });

  test("a pod that ends already may be evicted again", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    await pods.delete("one");
    equal((await evict(pods, "one")).status, "Success");
  });
}

function requests(test: Conformance): void {
  test("a dry eviction evicts nobody", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    const before = await pods.get("one");
    equal((await evict(pods, "one", undefined, { dryRun: "All" })).status, "Success");
    equal((await evict(pods, "one", { dryRun: ["All"] })).status, "Success");
    deepEqual(await pods.get("one"), before);
  });

  test("an eviction holds only for the pod that is meant", async (subject) => {
    const { pods } = await subject.room();
    const { metadata: { uid, resourceVersion } } = await startPod(pods, boundPod("one"));
    const conflict = { code: 409, reason: "Conflict" };
    await refused(evict(pods, "one", { preconditions: { uid: nobody } }), {
      ...conflict,
      says: /the UID in the precondition \(\S+\) does not match the UID in record/,
    });
    await refused(evict(pods, "one", { preconditions: { resourceVersion: "1" } }), conflict);
    equal((await pods.get("one")).metadata.deletionTimestamp, undefined);
    await evict(pods, "one", { preconditions: { uid, resourceVersion } });
    ok((await pods.get("one")).metadata.deletionTimestamp);
  });

  test("an eviction of what is not there is refused", async (subject) => {
    const { pods } = await subject.room();
    await refused(evict(pods, "one"), { code: 404, reason: "NotFound", says: 'pods "one" not found' });
  });

  test("the name in an eviction is that in its path", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    for (const metadata of [{ name: "two" }, {}]) {
      const body = { metadata };
      await refused(subject.api.json("POST", pods.at("one", "eviction"), { body }), {
        code: 400,
        reason: "BadRequest",
        says: "name in URL does not match name in Eviction object",
      });
    }
  });
}

/** Two pods of `web`, and a budget over them that the controller has counted. */
async function two(
  subject: Subject,
  spec: Parameters<typeof budget>[2],
  ready: boolean = true,
): Promise<Room> {
  const room = await subject.room();
  await startPod(room.pods, boundPod("one", { app: "web" }));
  await startPod(room.pods, boundPod("two", { app: "web" }), running(ready));
  await room.budgets.create(budget("web", "web", spec));
  await settledBudget(room, "web", { expectedPods: 2, currentHealthy: ready ? 2 : 1 });
  return room;
}

function refusals(test: Conformance): void {
  test("a budget refuses with 429, and says how many it has and needs", async (subject) => {
    const { pods } = await two(subject, { minAvailable: 2 });
    const status = await refused(evict(pods, "one"), refusal);
    deepEqual(status.details?.causes, [{
      reason: "DisruptionBudget",
      message: "The disruption budget web needs 2 healthy pods and has 2 currently",
    }]);
    equal((await pods.get("one")).metadata.deletionTimestamp, undefined);
  });

  test("a refusal does not say when to try again", async (subject) => {
    const { pods } = await two(subject, { minAvailable: 2 });
    const body = { metadata: { name: "one" } };
    const { code, headers } = await subject.api.call("POST", pods.at("one", "eviction"), { body });
    deepEqual([code, headers.get("retry-after")], [429, null]);
  });

  test("a budget refuses dry evictions too, and those of the right uid", async (subject) => {
    const { pods } = await two(subject, { minAvailable: 2 });
    const { metadata: { uid } } = await pods.get("one");
    await refused(evict(pods, "one", undefined, { dryRun: "All" }), refusal);
    await refused(evict(pods, "one", { preconditions: { uid } }), refusal);
  });

  test("a deletion asks no budget", async (subject) => {
    const { pods } = await two(subject, { minAvailable: 2 });
    await pods.delete("one");
    ok((await pods.get("one")).metadata.deletionTimestamp);
  });

  test("two budgets over one pod are too many", async (subject) => {
    const room = await two(subject, { minAvailable: 0 });
    await room.budgets.create(budget("other", "web", { minAvailable: 0 }));
    await settledBudget(room, "other", { expectedPods: 2 });
    await refused(evict(room.pods, "one"), {
      code: 500,
      says:
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    });
  });
}

function unhealthy(test: Conformance): void {
  test("an unready pod may go where the ready ones are enough", async (subject) => {
    const room = await two(subject, { minAvailable: 1 }, false);
    await refused(evict(room.pods, "one"), refusal);
    await evict(room.pods, "two");
    ok((await room.pods.get("two")).metadata.deletionTimestamp);
  });

  test("an unready pod may not go where the ready ones are too few", async (subject) => {
    const room = await two(subject, { minAvailable: 2 }, false);
    const status = await refused(evict(room.pods, "two"), refusal);
    equal(
      status.details?.causes?.[0]?.message,
      "The disruption budget web needs 2 healthy pods and has 1 currently",
    );
  });

  test("an unready pod may always go where the budget says so", async (subject) => {
    const room = await two(subject, { minAvailable: 2, unhealthyPodEvictionPolicy: "AlwaysAllow" }, false);
    await evict(room.pods, "two");
    ok((await room.pods.get("two")).metadata.deletionTimestamp);
    await refused(evict(room.pods, "one"), refusal);
  });

  for (const phase of ["Pending", "Succeeded", "Failed"]) {
    test(`a pod that is ${phase} may go whatever the budget says`, async (subject) => {
      const room = await two(subject, { minAvailable: 2 });
      await startPod(room.pods, boundPod("three", { app: "web" }), { phase });
      await evict(room.pods, "three");
      const left = await room.pods.get("three").catch(() => undefined);
      ok(!left || left.metadata.deletionTimestamp);
    });
  }
}

function accounts(test: Conformance): void {
  test("an eviction is booked at once, and the controller takes it over", async (subject) => {
    const room = await two(subject, { minAvailable: 1 });
    await evict(room.pods, "one");
    const { status } = await room.budgets.get("web");
    equal(status?.disruptionsAllowed, 0);
    await refused(evict(room.pods, "two"), refusal);
    const counted = await settledBudget(room, "web", { currentHealthy: 1, disruptionsAllowed: 0 });
    equal(counted.status?.expectedPods, 2);
    await until("the eviction is no longer booked", async () => {
      return (await room.budgets.get("web")).status?.disruptedPods?.one === undefined;
    });
  });

  test("a dry eviction is not booked", async (subject) => {
    const room = await two(subject, { minAvailable: 1 });
    const before = await room.budgets.get("web");
    await evict(room.pods, "one", undefined, { dryRun: "All" });
    deepEqual(await room.budgets.get("web"), before);
  });

  test("of many evictions at once, as many hold as the budget allows", async (subject) => {
    const room = await subject.room();
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) await startPod(room.pods, boundPod(name, { app: "web" }));
    await room.budgets.create(budget("web", "web", { minAvailable: 4 }));
    await settledBudget(room, "web", { disruptionsAllowed: 1 });
    const outcomes = await Promise.allSettled(names.map((name) => evict(room.pods, name)));
    equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    const { items } = await room.pods.list();
    equal(items.filter(({ metadata }) => metadata.deletionTimestamp).length, 1);
  });

  test("when another pod is ready, the next may go", async (subject) => {
    const room = await two(subject, { minAvailable: 1 });
    await evict(room.pods, "one");
    await room.pods.delete("one", { gracePeriodSeconds: 0 });
    await settledBudget(room, "web", { expectedPods: 1, disruptionsAllowed: 0 });
    await refused(evict(room.pods, "two"), refusal);
    await startPod(room.pods, boundPod("three", { app: "web" }));
    await settledBudget(room, "web", { expectedPods: 2, disruptionsAllowed: 1 });
    await evict(room.pods, "two");
  });
}
