/**
 * Lists that come as a watch (`sendInitialEvents`, KEP-3157), and bookmarks.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ConfigMap } from "../../k8s/core_v1.ts";
import { type Query, refused } from "./api.ts";
import type { Collection } from "./collection.ts";
import { map } from "./objects.ts";
import type { Conformance, Subject } from "./subject.ts";
import type { Seen } from "./watching.ts";

const initial = { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true };
const ours = { labelSelector: "made" };
/** On the bookmark after the last of the initial events. */
const endMark = "k8s.io/initial-events-end";

async function maps(subject: Subject, ...names: string[]): Promise<Collection<ConfigMap>> {
  const { maps } = await subject.room();
  for (const name of names) await maps.create(map(name, undefined, { labels: { made: "here" } }));
  return maps;
}

function isEnd({ type, object }: Seen<ConfigMap>): boolean {
  return type === "BOOKMARK" && object.metadata?.annotations?.[endMark] === "true";
}

/** Declares the tests. */
export function streamingLists(test: Conformance): void {
  initialEvents(test);
  bookmarks(test);
  refusals(test);
}

function initialEvents(test: Conformance): void {
  for (const resourceVersion of [undefined, "", "0", "the list's"]) {
    test(`a streaming list from version ${JSON.stringify(resourceVersion)} tells all, then its end`, async (subject) => {
      const collection = await maps(subject, "b", "a");
      const { metadata } = await collection.list();
      const from = resourceVersion === "the list's" ? metadata.resourceVersion : resourceVersion;
      await using watching = await collection.watch({ ...initial, ...ours, resourceVersion: from });
      const { object } = await watching.until(isEnd);
      deepEqual(watching.seen.slice(0, 3), ["ADDED a", "ADDED b", "BOOKMARK"]);
      deepEqual([object.apiVersion, object.kind], ["v1", "ConfigMap"]);
      ok(Number(object.metadata?.resourceVersion) >= Number(metadata.resourceVersion));
    });
  }

  test("after its end a streaming list goes on as a watch", async (subject) => {
    const collection = await maps(subject, "one");
    await using watching = await collection.watch({ ...initial, ...ours });
    const { object } = await watching.until(isEnd);
    await collection.merge("one", { data: { a: "1" } });
    const change = await watching.until("MODIFIED one");
    ok(Number(change.object.metadata?.resourceVersion) > Number(object.metadata?.resourceVersion));
    deepEqual(watching.seen, ["ADDED one", "BOOKMARK", "MODIFIED one"]);
  });

  test("the end's version is one to watch from", async (subject) => {
    const collection = await maps(subject, "one");
    await using list = await collection.watch({ ...initial, ...ours });
    const { object } = await list.until(isEnd);
    await collection.delete("one");
    await using watching = await collection.watch({
      ...ours,
      resourceVersion: object.metadata?.resourceVersion,
    });
    await watching.until("DELETED one");
    deepEqual(watching.seen, ["DELETED one"]);
  });

  test("a streaming list of nothing is only its end", async (subject) => {
    const collection = await maps(subject);
    await using watching = await collection.watch({ ...initial, ...ours });
    await watching.until(isEnd);
    deepEqual(watching.seen, ["BOOKMARK"]);
  });

  test("without bookmarks, the initial events come without their end", async (subject) => {
    const collection = await maps(subject, "one");
    const query = { ...initial, ...ours, allowWatchBookmarks: false };
    await using watching = await collection.watch(query);
    await watching.until("ADDED one");
    await collection.delete("one");
    await watching.until("DELETED one");
    deepEqual(watching.seen, ["ADDED one", "DELETED one"]);
  });

  test("sendInitialEvents=false leaves out what there is", async (subject) => {
    const collection = await maps(subject, "one");
    await using watching = await collection.watch({ ...initial, ...ours, sendInitialEvents: false });
    await collection.delete("one");
    await watching.until("DELETED one");
    deepEqual(watching.seen.filter((one) => one !== "BOOKMARK"), ["DELETED one"]);
  });
}

function bookmarks(test: Conformance): void {
  test("a bookmark comes before a watch ends, and is one to go on from; who asks for none gets none", async (subject) => {
    const collection = await maps(subject, "one");
    const { metadata: { resourceVersion } } = await collection.list();
    const query = { timeoutSeconds: 5, resourceVersion };
    await using watching = await collection.watch({ ...query, allowWatchBookmarks: true });
    await using plain = await collection.watch(query);
    const elsewhere = await maps(subject, "elsewhere");
    await watching.end();
    await plain.end();
    deepEqual(plain.seen, []);
    const { type, object } = watching.events.at(-1)!;
    deepEqual([type, object.apiVersion, object.kind], ["BOOKMARK", "v1", "ConfigMap"]);
    equal(object.metadata?.annotations?.[endMark], undefined);
    const last = (await elsewhere.get("elsewhere")).metadata;
    ok(Number(object.metadata?.resourceVersion) >= Number(last.resourceVersion));
    await using next = await collection.watch({ resourceVersion: object.metadata?.resourceVersion });
    await collection.merge("one", { data: { a: "1" } });
    await next.until("MODIFIED one");
    deepEqual(next.seen, ["MODIFIED one"]);
  });
}

function refusals(test: Conformance): void {
  const wrong: { query: Query; says: RegExp }[] = [
    {
      query: { sendInitialEvents: true, allowWatchBookmarks: true },
      says: /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    },
    {
      query: { sendInitialEvents: false },
      says: /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    },
    {
      query: { sendInitialEvents: true, resourceVersionMatch: "Exact", resourceVersion: "5" },
      says: /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    },
    {
      query: { resourceVersionMatch: "NotOlderThan", resourceVersion: "5" },
      says: /resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided/,
    },
  ];
  for (const { query, says } of wrong) {
    test(`a watch with ${JSON.stringify(query)} is refused`, async (subject) => {
      const collection = await maps(subject);
      await refused(collection.watch(query), {
        code: 422,
        reason: "Invalid",
        says,
        field: "resourceVersionMatch",
        cause: "FieldValueForbidden",
      });
    });
  }
}
