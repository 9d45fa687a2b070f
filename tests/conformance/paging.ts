/**
 * Lists in pages.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Event } from "../../k8s/core_v1.ts";
import { refused } from "./api.ts";
import type { Collection } from "./collection.ts";
import { map } from "./objects.ts";
import type { Conformance, Room, Subject } from "./subject.ts";

async function five(subject: Subject): Promise<Collection<Event>> {
  const room = await subject.room();
  for (const name of ["a", "b", "c", "d", "e"]) await room.events.create(event(room, name));
  return room.events;
}

/** An Event: nothing but the tests makes any, so that counts are exact. */
export function event({ namespace }: Room, name: string): Event {
  return {
    metadata: { name, labels: { made: "here" } },
    involvedObject: { kind: "Pod", namespace, name: "web" },
    reason: "Tested",
    message: "a test",
    type: "Normal",
  };
}

/** Declares the tests. */
export function paging(test: Conformance): void {
  pages(test);
  tokens(test);
}

function pages(test: Conformance): void {
  test("pages hold no more than asked for, say how much is left, and end without a token", async (subject) => {
    const events = await five(subject);
    const first = await events.list({ limit: 2 });
    deepEqual(first.items.map(({ metadata }) => metadata.name), ["a", "b"]);
    equal(first.metadata.remainingItemCount, 3);
    const second = await events.list({ limit: 2, continue: first.metadata.continue });
    deepEqual(second.items.map(({ metadata }) => metadata.name), ["c", "d"]);
    equal(second.metadata.remainingItemCount, 1);
    const third = await events.list({ limit: 2, continue: second.metadata.continue });
    deepEqual(third.items.map(({ metadata }) => metadata.name), ["e"]);
    equal(third.metadata.remainingItemCount, undefined);
    equal(third.metadata.continue ?? "", "");
  });

  test("a last page that is full has no token", async (subject) => {
    const events = await five(subject);
    const { metadata } = await events.list({ limit: 5 });
    equal(metadata.continue ?? "", "");
    equal(metadata.remainingItemCount, undefined);
  });

  test("all pages are of the first one's time", async (subject) => {
    const { maps } = await subject.room();
    for (const name of ["a", "b", "c", "d"]) {
      await maps.create(map(name, undefined, { labels: { made: "here" } }));
    }
    const ours = { labelSelector: "made", limit: 2 };
    const first = await maps.list(ours);
    await maps.delete("c");
    await maps.merge("d", { data: { later: "yes" } });
    await maps.create(map("bb", undefined, { labels: { made: "here" } }));
    const second = await maps.list({ ...ours, continue: first.metadata.continue });
    deepEqual(second.items.map(({ metadata, data }) => [metadata.name, data]), [["c", undefined], [
      "d",
      undefined,
    ]]);
    equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  test("a watch from a paged list's version tells what happened between the pages", async (subject) => {
    const { maps } = await subject.room();
    for (const name of ["a", "b", "c"]) await maps.create(map(name));
    const first = await maps.list({ limit: 1 });
    await maps.create(map("between"));
    const second = await maps.list({ limit: 100, continue: first.metadata.continue });
    ok(!second.items.some(({ metadata }) => metadata.name === "between"));
    await using watching = await maps.watch({ resourceVersion: second.metadata.resourceVersion });
    await watching.until("ADDED between");
    deepEqual(watching.seen, ["ADDED between"]);
  });

  test("with a selector, a page does not say how much is left", async (subject) => {
    const events = await five(subject);
    const { items, metadata } = await events.list({ limit: 2, labelSelector: "made" });
    equal(items.length, 2);
    ok(metadata.continue);
    equal(metadata.remainingItemCount, undefined);
    const last = await events.list({ limit: 10, labelSelector: "made", continue: metadata.continue });
    deepEqual(last.items.map((one) => one.metadata.name), ["c", "d", "e"]);
  });

  test("a selector chooses before the limit counts", async (subject) => {
    const events = await five(subject);
    for (const name of ["b", "d"]) await events.merge(name, { metadata: { labels: { chosen: "yes" } } });
    deepEqual(await events.names({ limit: 2, labelSelector: "chosen" }), ["b", "d"]);
  });

  test("a limit that is no positive number is none", async (subject) => {
    const events = await five(subject);
    for (const limit of [0, -1]) equal((await events.list({ limit })).items.length, 5);
  });

  test("a list of a version and a limit is of exactly that version", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("a"));
    const { resourceVersion } = (await maps.list()).metadata;
    await maps.create(map("aa"));
    const page = await maps.list({ limit: 100, resourceVersion });
    equal(page.metadata.resourceVersion, resourceVersion);
    ok(!page.items.some(({ metadata }) => metadata.name === "aa"));
  });
}

function tokens(test: Conformance): void {
  for (const token of ["nonsense", "e30", btoa("nonsense")]) {
    test(`the token "${token}" is refused`, async (subject) => {
      const { maps } = await subject.room();
      await refused(maps.list({ limit: 1, continue: token }), {
        code: 400,
        reason: "BadRequest",
        says: /continue/,
      });
    });
  }

  test("a token and a version exclude each other", async (subject) => {
    const { maps } = await subject.room();
    for (const name of ["a", "b"]) await maps.create(map(name));
    const { metadata } = await maps.list({ limit: 1 });
    const query = { limit: 1, continue: metadata.continue, resourceVersion: metadata.resourceVersion };
    await refused(maps.list(query), {
      code: 400,
      says: "specifying resource version is not allowed when using continue",
    });
    equal((await maps.list({ ...query, resourceVersion: "0" })).items.length, 1);
  });

  test("a token of one namespace does not open another", async (subject) => {
    const { maps } = await subject.room();
    const other = await subject.room();
    for (const name of ["a", "b"]) await maps.create(map(name));
    await other.maps.create(map("secret"));
    const { metadata } = await maps.list({ limit: 1 });
    const query = { limit: 10, continue: metadata.continue };
    const { items } = await other.maps.list(query);
    for (const one of items) equal(one.metadata.namespace, other.namespace);
  });
}
