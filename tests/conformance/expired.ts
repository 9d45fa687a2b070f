/**
 * Versions that the server no longer knows.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Event } from "../../k8s/core_v1.ts";
import type { Status } from "../../k8s/meta_v1.ts";
import { checkStatus, refused } from "./api.ts";
import type { Collection, List } from "./collection.ts";
import { event } from "./paging.ts";
import type { Conformance, Subject } from "./subject.ts";

/** A list that has grown old, and where its objects are. */
async function oldList(subject: Subject): Promise<{ events: Collection<Event>; page: List<Event> }> {
  const room = await subject.room();
  for (const name of ["a", "b", "c", "d"]) await room.events.create(event(room, name));
  const page = await room.events.list({ limit: 2 });
  await room.events.delete("c");
  await room.events.create(event(room, "bb"));
  await subject.compact();
  return { events: room.events, page };
}

/** Declares the tests. */
export function expired(test: Conformance): void {
  test("an old token is refused, with a new one that goes on from there as things are now", async (subject) => {
    const { events, page } = await oldList(subject);
    const status = await refused(events.list({ limit: 10, continue: page.metadata.continue }), {
      code: 410,
      reason: "Expired",
      says: /continue parameter is too old to display a consistent list result/,
    });
    ok(status.metadata?.continue);
    const rest = await events.list({ limit: 10, continue: status.metadata.continue });
    deepEqual(rest.items.map(({ metadata }) => metadata.name), ["bb", "d"]);
    ok(Number(rest.metadata.resourceVersion) > Number(page.metadata.resourceVersion));
  });

  test("an exact list of an old version is refused", async (subject) => {
    const { events, page } = await oldList(subject);
    const { resourceVersion } = page.metadata;
    const expected = { code: 410, reason: "Expired", says: /too old/ };
    await refused(events.list({ resourceVersionMatch: "Exact", resourceVersion }), expected);
    await refused(events.list({ limit: 1, resourceVersion }), expected);
  });

  test("a list not older than an old version is answered", async (subject) => {
    const { events, page } = await oldList(subject);
    const { resourceVersion } = page.metadata;
    const query = { resourceVersionMatch: "NotOlderThan", resourceVersion };
    deepEqual(await events.names(query), ["a", "b", "bb", "d"]);
    deepEqual(await events.names({ resourceVersion }), ["a", "b", "bb", "d"]);
  });

  test("a watch from an old version begins, says 410 in an event, and ends", async (subject) => {
    const { events, page } = await oldList(subject);
    await using watching = await events.watch({ resourceVersion: page.metadata.resourceVersion });
    await watching.end();
    deepEqual(watching.events.map(({ type }) => type), ["ERROR"]);
    const { object } = watching.events[0]!;
    equal(object.kind, "Status");
    checkStatus(object as unknown as Status, { code: 410, reason: "Expired", says: /too old/i });
  });

  test("what is newer than what was forgotten can be watched from", async (subject) => {
    const room = await subject.room();
    await subject.compact();
    const { metadata } = await room.events.list();
    await room.events.create(event(room, "later"));
    await using watching = await room.events.watch({ resourceVersion: metadata.resourceVersion });
    await watching.until("ADDED later");
  });
}
