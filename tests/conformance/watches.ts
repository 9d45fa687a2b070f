/**
 * What watches tell, from which version on, and how they end.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ConfigMap } from "../../k8s/core_v1.ts";
import { refused } from "./api.ts";
import { Collection } from "./collection.ts";
import { map } from "./objects.ts";
import type { Conformance, Subject } from "./subject.ts";
import type { Watching } from "./watching.ts";

/** ConfigMaps that come with a namespace have no such label. */
const ours = { labelSelector: "made" };

function made(name: string, data?: Record<string, string>): ConfigMap {
  return map(name, data, { labels: { made: "here" } });
}

async function maps(subject: Subject, ...names: string[]): Promise<Collection<ConfigMap>> {
  const { maps } = await subject.room();
  for (const name of names) await maps.create(made(name));
  return maps;
}

/** Declares the tests. */
export function watches(test: Conformance): void {
  beginnings(test);
  contents(test);
  places(test);
  ends(test);
  refusals(test);
}

function beginnings(test: Conformance): void {
  for (const resourceVersion of [undefined, "", "0"]) {
    test(`a watch from version ${JSON.stringify(resourceVersion)} begins with what there is`, async (subject) => {
      const collection = await maps(subject, "b", "a");
      // "0" means what the server has at hand: by this it has the newest.
      await collection.list();
      await using watching = await collection.watch({ ...ours, resourceVersion });
      await watching.until("ADDED b");
      await collection.create(made("c"));
      await watching.until("ADDED c");
      deepEqual(watching.seen, ["ADDED a", "ADDED b", "ADDED c"]);
    });
  }

  test("a watch from a list's version misses nothing and repeats nothing", async (subject) => {
    const collection = await maps(subject, "one");
    const { metadata } = await collection.list();
    await collection.merge("one", { data: { a: "1" } });
    await collection.create(made("two"));
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    await collection.delete("one");
    await watching.until("DELETED one");
    deepEqual(watching.seen, ["MODIFIED one", "ADDED two", "DELETED one"]);
  });

  test("a watch from an object's version tells what came after it", async (subject) => {
    const collection = await maps(subject, "one");
    const { metadata } = await collection.merge("one", { data: { a: "1" } });
    await collection.merge("one", { data: { a: "2" } });
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    const { object } = await watching.until("MODIFIED one");
    deepEqual(object.data, { a: "2" });
    equal(watching.events.length, 1);
  });

  test("an event's version is one to go on from", async (subject) => {
    const collection = await maps(subject);
    const { metadata } = await collection.list();
    for (const name of ["a", "b", "c"]) await collection.create(made(name));
    await using first = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    const { object } = await first.until("ADDED b");
    await using second = await collection.watch({
      ...ours,
      resourceVersion: object.metadata?.resourceVersion,
    });
    await second.until("ADDED c");
    deepEqual(second.seen, ["ADDED c"]);
  });

  test("a watch from a version that is still to come begins, and is silent until then", async (subject) => {
    const collection = await maps(subject);
    const { metadata } = await collection.list();
    const resourceVersion = String(Number(metadata.resourceVersion) + 1_000_000);
    await using watching = await collection.watch({ resourceVersion, timeoutSeconds: 1 });
    await collection.create(made("one"));
    await watching.end();
    deepEqual(watching.seen, []);
  });
}

function contents(test: Conformance): void {
  test("events hold whole objects with their kinds, in the order of their versions", async (subject) => {
    const collection = await maps(subject);
    const { metadata } = await collection.list();
    await collection.create(made("one", { a: "1" }));
    await collection.merge("one", { data: { a: "2" } });
    await collection.delete("one");
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    await watching.until("DELETED one");
    deepEqual(
      watching.events.map(({ object }) => [object.apiVersion, object.kind, object.data]),
      [["v1", "ConfigMap", { a: "1" }], ["v1", "ConfigMap", { a: "2" }], ["v1", "ConfigMap", { a: "2" }]],
    );
    ok(increases(watching));
  });

  test("what was deleted is told as it was last, with the version of its deletion", async (subject) => {
    const collection = await maps(subject);
    const { metadata } = await collection.create(made("one", { a: "1" }));
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    await collection.delete("one");
    const { object } = await watching.until("DELETED one");
    deepEqual(object.data, { a: "1" });
    equal(object.metadata?.uid, metadata.uid);
    ok(Number(object.metadata?.resourceVersion) > Number(metadata.resourceVersion));
  });

  test("an object made anew under its old name is another", async (subject) => {
    const collection = await maps(subject, "one");
    const { metadata } = await collection.get("one");
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    await collection.delete("one");
    const { metadata: after } = await collection.create(made("one"));
    const { object } = await watching.until("ADDED one");
    deepEqual(watching.seen, ["DELETED one", "ADDED one"]);
    equal(object.metadata?.uid, after.uid);
    ok(after.uid !== metadata.uid);
  });

  test("a write that changes nothing is no event", async (subject) => {
    const collection = await maps(subject, "one");
    const { metadata } = await collection.list();
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    await collection.merge("one", { metadata: { labels: { made: "here" } } });
    await collection.replace("one", made("one"));
    await collection.create(made("two"));
    await watching.until("ADDED two");
    deepEqual(watching.seen, ["ADDED two"]);
  });

  test("many writes at once are told one by one, each once", async (subject) => {
    const collection = await maps(subject);
    const { metadata } = await collection.list();
    await using watching = await collection.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    const names = Array.from({ length: 40 }, (_, i) => `map-${i}`);
    await Promise.all(names.map((name) => collection.create(made(name))));
    await collection.create(made("last"));
    await watching.until("ADDED last");
    deepEqual(watching.seen.slice(0, -1).toSorted(), names.map((name) => `ADDED ${name}`).toSorted());
    ok(increases(watching));
  });
}

function increases({ events }: Watching<unknown>): boolean {
  const versions = events.map(({ object }) => Number(object.metadata?.resourceVersion));
  return versions.every((version, i) => i === 0 || version > versions[i - 1]!);
}

function places(test: Conformance): void {
  test("a watch of a namespace tells nothing of others", async (subject) => {
    const here = await maps(subject);
    const there = await maps(subject);
    const { metadata } = await here.list();
    await there.create(made("there"));
    await here.create(made("here"));
    await using watching = await here.watch({ ...ours, resourceVersion: metadata.resourceVersion });
    await watching.until("ADDED here");
    deepEqual(watching.seen, ["ADDED here"]);
  });

  test("a watch across namespaces tells of all, in order", async (subject) => {
    const here = await maps(subject);
    const there = await maps(subject);
    const { metadata } = await here.list();
    const labelSelector = `across=${metadata.resourceVersion}`;
    const labels = { across: metadata.resourceVersion! };
    await here.create(map("here", undefined, { labels }));
    await there.create(map("there", undefined, { labels }));
    const everywhere = new Collection<ConfigMap>(subject.api, "/api/v1/configmaps");
    const query = { labelSelector, resourceVersion: metadata.resourceVersion };
    await using watching = await everywhere.watch(query);
    await watching.until("ADDED there");
    deepEqual(watching.seen, ["ADDED here", "ADDED there"]);
  });

  test("a watch in a namespace that does not exist is open and silent", async (subject) => {
    const nowhere = new Collection<ConfigMap>(subject.api, "/api/v1/namespaces/nowhere/configmaps");
    await using watching = await nowhere.watch({ timeoutSeconds: 1 });
    await watching.end();
    deepEqual(watching.seen, []);
  });

  test("on the path of one object, to watch is only to get", async (subject) => {
    const collection = await maps(subject, "one");
    const { kind, metadata } = await collection.get("one", { watch: true });
    deepEqual([kind, metadata.name], ["ConfigMap", "one"]);
  });
}

function ends(test: Conformance): void {
  test("a watch ends by itself after its time, without an error", async (subject) => {
    const collection = await maps(subject, "one");
    const began = performance.now();
    await using watching = await collection.watch({ ...ours, timeoutSeconds: 1 });
    await watching.end();
    const took = performance.now() - began;
    ok(took > 900 && took < 5000, `${took} ms`);
    deepEqual(watching.seen, ["ADDED one"]);
  });

  test("a limit does not shorten a watch", async (subject) => {
    const collection = await maps(subject, "a", "b");
    await using watching = await collection.watch({ ...ours, limit: 1 });
    await watching.until("ADDED b");
  });

  test("a watch is sent as JSON, in chunks", async (subject) => {
    const collection = await maps(subject, "one");
    await using watching = await collection.watch(ours);
    equal(watching.headers.get("content-type"), "application/json");
    equal(watching.headers.get("content-length"), null);
  });
}

function refusals(test: Conformance): void {
  test("a watch from what is no version is refused", async (subject) => {
    const collection = await maps(subject);
    await refused(collection.watch({ resourceVersion: "abc" }), { code: 500, says: /Invalid value: "abc"/ });
  });

  test("a time that is no number is refused", async (subject) => {
    const collection = await maps(subject);
    await refused(collection.watch({ timeoutSeconds: "abc" }), { code: 400, reason: "BadRequest" });
  });

  test("a watch of a page is refused", async (subject) => {
    const collection = await maps(subject, "a", "b");
    const { metadata } = await collection.list({ limit: 1 });
    await refused(collection.watch({ continue: metadata.continue }), { code: 422, reason: "Invalid" });
  });
}
