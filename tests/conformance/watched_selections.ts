/**
 * Watches of a selection: what leaves it is told as deleted, what enters it as added.
 *
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import { boundPod, map, running } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function watchedSelections(test: Conformance): void {
  test("a label that begins to fit, stays and ceases to fit is ADDED, MODIFIED and DELETED", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, { labels: { app: "other" } }));
    const { metadata } = await maps.list();
    const query = { labelSelector: "app=web", resourceVersion: metadata.resourceVersion };
    await using watching = await maps.watch(query);
    await maps.merge("one", { metadata: { labels: { app: "web" } } });
    await maps.merge("one", { data: { a: "1" } });
    await maps.merge("one", { metadata: { labels: { app: "other" } }, data: { a: "2" } });
    await maps.delete("one");
    await maps.create(map("end", undefined, { labels: { app: "web" } }));
    await watching.until("ADDED end");
    deepEqual(watching.seen, ["ADDED one", "MODIFIED one", "DELETED one", "ADDED end"]);
  });

  test("what leaves a selection is told as it was in it, with the version of the write", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", { a: "1" }, { labels: { app: "web" } }));
    await using watching = await maps.watch({ labelSelector: "app=web" });
    await watching.until("ADDED one");
    const { metadata } = await maps.merge("one", { metadata: { labels: { app: null } }, data: { a: "2" } });
    const { object } = await watching.until("DELETED one");
    deepEqual(object.data, { a: "1" });
    deepEqual(object.metadata?.labels, { app: "web" });
    equal(object.metadata?.resourceVersion, metadata.resourceVersion);
  });

  test("the same objects are told from the past as they are live", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.list();
    await maps.create(map("one", undefined, { labels: { app: "web" } }));
    await maps.merge("one", { metadata: { labels: { app: "other" } } });
    await maps.create(map("two", undefined, { labels: { app: "web" } }));
    const query = { labelSelector: "app=web", resourceVersion: metadata.resourceVersion };
    await using watching = await maps.watch(query);
    await watching.until("ADDED two");
    deepEqual(watching.seen, ["ADDED one", "DELETED one", "ADDED two"]);
  });

  test("a field that begins and ceases to fit is ADDED and DELETED", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one"));
    const { metadata } = await pods.list();
    const query = { fieldSelector: "status.phase=Running", resourceVersion: metadata.resourceVersion };
    await using watching = await pods.watch(query);
    await pods.mergeStatus("one", { status: running() });
    await pods.mergeStatus("one", { status: { phase: "Succeeded" } });
    await watching.until("DELETED one");
    deepEqual(watching.seen, ["ADDED one", "DELETED one"]);
    equal(watching.events[1]!.object.status?.phase, "Running");
  });

  test("one object can be watched by its name", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.list();
    const query = { fieldSelector: "metadata.name=one", resourceVersion: metadata.resourceVersion };
    await using watching = await maps.watch(query);
    await maps.create(map("other"));
    await maps.create(map("one"));
    await maps.delete("other");
    await maps.delete("one");
    await watching.until("DELETED one");
    deepEqual(watching.seen, ["ADDED one", "DELETED one"]);
  });

  test("one object can be watched from what it is, by its name", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    await maps.create(map("other"));
    await using watching = await maps.watch({ fieldSelector: "metadata.name=one" });
    await watching.until("ADDED one");
    await maps.delete("one");
    await watching.until("DELETED one");
    deepEqual(watching.seen, ["ADDED one", "DELETED one"]);
  });

  test("what is deleted outside of the selection is not told", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, { labels: { app: "other" } }));
    const { metadata } = await maps.list();
    const query = { labelSelector: "app=web", resourceVersion: metadata.resourceVersion };
    await using watching = await maps.watch(query);
    await maps.delete("one");
    await maps.create(map("end", undefined, { labels: { app: "web" } }));
    await watching.until("ADDED end");
    deepEqual(watching.seen, ["ADDED end"]);
  });
}
