/**
 * How other objects are deleted: one by one, by selection, and what finalizers hold back.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { refused } from "./api.ts";
import { boundPod, budget, map, nobody, pod, startPod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function deletion(test: Conformance): void {
  single(test);
  finalizers(test);
  selections(test);
}

function single(test: Conformance): void {
  test("a deletion is answered with a Status that says what is gone", async (subject) => {
    const { maps, budgets } = await subject.room();
    const { metadata } = await maps.create(map("one"));
    const answer = await maps.delete("one");
    deepEqual([answer.kind, answer.status], ["Status", "Success"]);
    deepEqual(answer.details, { name: "one", kind: "configmaps", uid: metadata.uid });
    ok(await maps.isGone("one"));
    await budgets.create(budget("web", "web", { minAvailable: 1 }));
    deepEqual((await budgets.delete("web")).details?.group, "policy");
  });

  test("what is gone cannot be deleted again", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    await maps.delete("one");
    await refused(maps.delete("one"), { code: 404, reason: "NotFound", says: 'configmaps "one" not found' });
  });

  test("a deletion holds only for what is meant", async (subject) => {
    const { maps } = await subject.room();
    const { metadata: { uid, resourceVersion } } = await maps.create(map("one"));
    const conflict = { code: 409, reason: "Conflict" };
    await refused(maps.delete("one", { preconditions: { uid: nobody } }), conflict);
    await refused(maps.delete("one", { preconditions: { resourceVersion: "1" } }), conflict);
    await maps.delete("one", { preconditions: { uid, resourceVersion } });
    ok(await maps.isGone("one"));
  });

  test("of deletions at once, one deletes", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => maps.delete("one")));
    equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("options that are none are refused", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const invalid = { code: 422, reason: "Invalid", field: "propagationPolicy" };
    await refused(maps.delete("one", { propagationPolicy: "Later" }), invalid);
    await refused(maps.delete("one", { propagationPolicy: "Orphan", orphanDependents: true }), invalid);
    await refused(subject.api.json("DELETE", maps.at("one"), { body: "{nope" }), { code: 400 });
    await maps.get("one");
  });
}

function finalizers(test: Conformance): void {
  const kept = { finalizers: ["example.com/kept"] };

  test("a finalizer holds a deletion back until it is taken away", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, kept));
    const answer = await maps.delete("one");
    equal(answer.kind, "ConfigMap");
    equal(answer.metadata.deletionGracePeriodSeconds, 0);
    ok(Date.parse(answer.metadata.deletionTimestamp!) <= Date.now());
    await maps.merge("one", { data: { still: "here" } });
    await maps.merge("one", { metadata: { finalizers: null } });
    ok(await maps.isGone("one"));
  });

  test("a deletion that is held back happens once", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, kept));
    const first = await maps.delete("one");
    const second = await maps.delete("one");
    equal(second.metadata.deletionTimestamp, first.metadata.deletionTimestamp);
    equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    await maps.merge("one", { metadata: { finalizers: null } });
  });

  test("who is being deleted takes no new finalizers", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, kept));
    await maps.delete("one");
    const more = { metadata: { finalizers: ["example.com/kept", "example.com/more"] } };
    await refused(maps.merge("one", more), { code: 422, reason: "Invalid", field: "metadata.finalizers" });
    await maps.merge("one", { metadata: { finalizers: [] } });
    ok(await maps.isGone("one"));
  });

  test("a pod with a finalizer outlives its grace", async (subject) => {
    const { pods } = await subject.room();
    const bound = boundPod("one");
    await startPod(pods, { ...bound, metadata: { ...bound.metadata, ...kept } });
    await pods.delete("one", { gracePeriodSeconds: 0 });
    ok((await pods.get("one")).metadata.deletionTimestamp);
    await pods.merge("one", { metadata: { finalizers: null } });
    ok(await pods.isGone("one"));
  });
}

function selections(test: Conformance): void {
  test("a deletion by labels takes what they choose", async (subject) => {
    const { maps } = await subject.room();
    for (const name of ["a", "b"]) await maps.create(map(name, undefined, { labels: { app: "web" } }));
    await maps.create(map("c", undefined, { labels: { app: "other" } }));
    await maps.deleteAll({ labelSelector: "app=web" });
    deepEqual(await maps.names({ labelSelector: "app" }), ["c"]);
  });

  test("a deletion by fields takes what they choose", async (subject) => {
    const { maps } = await subject.room();
    for (const name of ["a", "b"]) await maps.create(map(name, undefined, { labels: { app: "web" } }));
    await maps.deleteAll({ fieldSelector: "metadata.name=a" });
    deepEqual(await maps.names({ labelSelector: "app" }), ["b"]);
  });

  test("a deletion of all takes all of its namespace, and nothing else", async (subject) => {
    const [here, there] = [await subject.room(), await subject.room()];
    for (const { pods } of [here, there]) for (const name of ["a", "b"]) await pods.create(pod(name));
    const answer = await here.pods.deleteAll();
    ok(JSON.stringify(answer).includes('"kind":"PodList"'));
    deepEqual(await here.pods.names(), []);
    deepEqual(await there.pods.names(), ["a", "b"]);
  });

  test("a deletion of many gives each its grace", async (subject) => {
    const { pods } = await subject.room();
    for (const name of ["a", "b"]) await startPod(pods, boundPod(name));
    await pods.deleteAll({}, { gracePeriodSeconds: 5 });
    const { items } = await pods.list();
    deepEqual(items.map(({ metadata }) => metadata.deletionGracePeriodSeconds), [5, 5]);
  });

  test("a selection that is none deletes nothing", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    await refused(maps.deleteAll({ labelSelector: "a=b=c" }), { code: 400 });
    await refused(maps.deleteAll({ fieldSelector: "spec.none=1" }), { code: 400 });
    await maps.get("one");
  });
}
