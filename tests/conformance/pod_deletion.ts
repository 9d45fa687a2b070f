/**
 * How pods are deleted: in grace, and for whom there is none.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { refused } from "./api.ts";
import { boundPod, nobody, pod, running, startPod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function podDeletion(test: Conformance): void {
  graces(test);
  atOnce(test);
  repetitions(test);
  conditions(test);
}

function secondsTo({ metadata }: Pod): number {
  return (Date.parse(metadata!.deletionTimestamp!) - Date.now()) / 1000;
}

function graces(test: Conformance): void {
  test("a bound pod is told to end, and stays until it has", async (subject) => {
    const { pods } = await subject.room();
    const before = await startPod(pods, boundPod("one"));
    const answer = await pods.delete("one");
    equal(answer.kind, "Pod");
    deepEqual(await pods.get("one"), answer);
    equal(answer.metadata.deletionGracePeriodSeconds, 30);
    ok(Math.abs(secondsTo(answer) - 30) < 3);
    equal(answer.metadata.uid, before.metadata.uid);
    equal(answer.metadata.generation, 2);
    ok(Number(answer.metadata.resourceVersion) > Number(before.metadata.resourceVersion));
    equal(answer.status?.phase, "Running");
  });

  test("the grace is the pod's own, or what the deletion says", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("own", {}, { terminationGracePeriodSeconds: 7 }));
    await startPod(pods, boundPod("said", {}, { terminationGracePeriodSeconds: 7 }));
    await startPod(pods, boundPod("asked", {}, { terminationGracePeriodSeconds: 7 }));
    equal((await pods.delete("own")).metadata.deletionGracePeriodSeconds, 7);
    const said = await pods.delete("said", { gracePeriodSeconds: 100 });
    equal(said.metadata.deletionGracePeriodSeconds, 100);
    ok(Math.abs(secondsTo(said) - 100) < 3);
    const asked = await pods.delete("asked", undefined, { gracePeriodSeconds: 3 });
    equal(asked.metadata.deletionGracePeriodSeconds, 3);
  });

  test("a pod that is bound but not started has its grace too", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one"));
    equal((await pods.delete("one")).metadata.deletionGracePeriodSeconds, 30);
    await pods.get("one");
  });

  test("a pod that was told to end can be written to until it is gone", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    await pods.delete("one");
    const after = await pods.mergeStatus("one", { status: running(false) });
    ok(after.metadata.deletionTimestamp);
    await pods.merge("one", { metadata: { annotations: { a: "1" } } });
    equal((await pods.delete("one", { gracePeriodSeconds: 0 })).kind, "Pod");
    ok(await pods.isGone("one"));
  });

  test("a watch tells the end as a change first, and then as a deletion", async (subject) => {
    const { pods } = await subject.room();
    const { metadata } = await startPod(pods, boundPod("one"));
    await using watching = await pods.watch({ resourceVersion: metadata.resourceVersion });
    await pods.delete("one");
    await pods.delete("one", { gracePeriodSeconds: 0 });
    const { object } = await watching.until("DELETED one");
    deepEqual(watching.seen.at(0), "MODIFIED one");
    ok(watching.events[0]!.object.metadata?.deletionTimestamp);
    ok(object.metadata?.deletionTimestamp);
  });
}

function atOnce(test: Conformance): void {
  test("a pod without a node is gone at once", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(pod("one"));
    const answer = await pods.delete("one");
    deepEqual([answer.kind, answer.metadata.deletionGracePeriodSeconds], ["Pod", 0]);
    ok(await pods.isGone("one"));
  });

  for (const phase of ["Succeeded", "Failed"]) {
    test(`a pod that has ${phase} is gone at once`, async (subject) => {
      const { pods } = await subject.room();
      await startPod(pods, boundPod("one"), { phase });
      await pods.delete("one");
      ok(await pods.isGone("one"));
    });
  }

  test("with no grace a pod is gone at once", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("said"));
    await startPod(pods, boundPod("own", {}, { terminationGracePeriodSeconds: 0 }));
    const said = await pods.delete("said", { gracePeriodSeconds: 0 });
    equal(said.metadata.deletionGracePeriodSeconds, 0);
    await pods.delete("own");
    ok(await pods.isGone("said"));
    ok(await pods.isGone("own"));
  });

  test("a pod of the same name is another one", async (subject) => {
    const { pods } = await subject.room();
    const first = await startPod(pods, boundPod("one"));
    await pods.delete("one");
    await refused(pods.create(boundPod("one")), { code: 409, reason: "AlreadyExists" });
    await pods.delete("one", { gracePeriodSeconds: 0 });
    const second = await pods.create(boundPod("one"));
    ok(second.metadata.uid !== first.metadata.uid);
    equal(second.metadata.deletionTimestamp, undefined);
  });
}

function repetitions(test: Conformance): void {
  test("a deletion that is repeated shortens the grace, and never lengthens it", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    const first = await pods.delete("one");
    for (const options of [undefined, { gracePeriodSeconds: 100 }, { gracePeriodSeconds: 30 }]) {
      const again = await pods.delete("one", options);
      equal(again.metadata.deletionTimestamp, first.metadata.deletionTimestamp);
      equal(again.metadata.deletionGracePeriodSeconds, 30);
      equal(again.metadata.resourceVersion, first.metadata.resourceVersion);
    }
    const shorter = await pods.delete("one", { gracePeriodSeconds: 5 });
    equal(shorter.metadata.deletionGracePeriodSeconds, 5);
    ok(secondsTo(shorter) < 6);
    const after = await pods.delete("one");
    equal(after.metadata.deletionGracePeriodSeconds, 5);
    equal(after.metadata.generation, 2);
  });
}

function conditions(test: Conformance): void {
  test("a deletion holds only for the uid that is meant", async (subject) => {
    const { pods } = await subject.room();
    const { metadata } = await startPod(pods, boundPod("one"));
    await refused(pods.delete("one", { preconditions: { uid: nobody } }), {
      code: 409,
      reason: "Conflict",
      says: /the UID in the precondition \(\S+\) does not match the UID in record \(\S+\)/,
    });
    equal((await pods.get("one")).metadata.deletionTimestamp, undefined);
    ok((await pods.delete("one", { preconditions: { uid: metadata.uid } })).metadata.deletionTimestamp);
  });

  test("a deletion holds only for the version that is meant", async (subject) => {
    const { pods } = await subject.room();
    const { metadata: { resourceVersion } } = await startPod(pods, boundPod("one"));
    await pods.merge("one", { metadata: { labels: { a: "1" } } });
    await refused(pods.delete("one", { preconditions: { resourceVersion } }), {
      code: 409,
      reason: "Conflict",
      says:
        /the ResourceVersion in the precondition \(\d+\) does not match the ResourceVersion in record \(\d+\)/,
    });
    equal((await pods.get("one")).metadata.deletionTimestamp, undefined);
  });
}
