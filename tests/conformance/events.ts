/**
 * Events: one object that two groups show in their own words.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Event } from "../../k8s/core_v1.ts";
import type { Event as NewEvent } from "../../k8s/events_v1.ts";
import { refused } from "./api.ts";
import type { Conformance, Room } from "./subject.ts";

/** An Event as programs of today write it. */
function told({ namespace }: Room, name: string, more: Partial<NewEvent> = {}): NewEvent {
  return {
    metadata: { name },
    eventTime: "2026-01-02T03:04:05.123456Z",
    reportingController: "example.com/watchdog",
    reportingInstance: "watchdog-1",
    action: "Evicting",
    reason: "Evicted",
    type: "Normal",
    note: "told by a test",
    regarding: { apiVersion: "v1", kind: "Pod", namespace, name: "web", uid: "uid-1" },
    ...more,
  };
}

/** An Event as kubelets write it. */
function old({ namespace }: Room, name: string, more: Partial<Event> = {}): Event {
  return {
    metadata: { name },
    involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name: "web", uid: "uid-1" },
    reason: "Unhealthy",
    message: "told by a test",
    type: "Warning",
    source: { component: "kubelet", host: "node-1" },
    firstTimestamp: "2026-01-02T03:04:05Z",
    lastTimestamp: "2026-01-02T03:05:06Z",
    count: 3,
    ...more,
  };
}

/** Declares the tests. */
export function events(test: Conformance): void {
  translations(test);
  selections(test);
  refusals(test);
}

function translations(test: Conformance): void {
  test("a new Event is shown as an old one", async (subject) => {
    const room = await subject.room();
    const { metadata } = await room.newEvents.create(told(room, "one"));
    const shown = await room.events.get("one");
    deepEqual([shown.kind, shown.apiVersion, shown.metadata.uid], ["Event", "v1", metadata.uid]);
    const {
      involvedObject,
      message,
      reason,
      type,
      reportingComponent,
      reportingInstance,
      action,
      eventTime,
    } = shown;
    deepEqual(involvedObject, {
      apiVersion: "v1",
      kind: "Pod",
      namespace: room.namespace,
      name: "web",
      uid: "uid-1",
    });
    deepEqual([message, reason, type, action], ["told by a test", "Evicted", "Normal", "Evicting"]);
    deepEqual([reportingComponent, reportingInstance], ["example.com/watchdog", "watchdog-1"]);
    equal(eventTime, "2026-01-02T03:04:05.123456Z");
    equal("note" in shown || "regarding" in shown, false);
  });

  test("an old Event is shown as a new one", async (subject) => {
    const room = await subject.room();
    await room.events.create(old(room, "one"));
    const shown = await room.newEvents.get("one");
    deepEqual([shown.kind, shown.apiVersion], ["Event", "events.k8s.io/v1"]);
    deepEqual([shown.note, shown.reason, shown.type], ["told by a test", "Unhealthy", "Warning"]);
    deepEqual([shown.regarding?.kind, shown.regarding?.name, shown.regarding?.uid], ["Pod", "web", "uid-1"]);
    deepEqual(shown.deprecatedSource, { component: "kubelet", host: "node-1" });
    equal(shown.deprecatedFirstTimestamp, "2026-01-02T03:04:05Z");
    equal(shown.deprecatedLastTimestamp, "2026-01-02T03:05:06Z");
    equal(shown.deprecatedCount, 3);
    equal("message" in shown || "involvedObject" in shown, false);
  });

  test("lists of both groups show the same Events, each as its own kind", async (subject) => {
    const room = await subject.room();
    await room.newEvents.create(told(room, "new"));
    await room.events.create(old(room, "old"));
    const [before, after] = [await room.events.list(), await room.newEvents.list()];
    deepEqual([before.kind, before.apiVersion], ["EventList", "v1"]);
    deepEqual([after.kind, after.apiVersion], ["EventList", "events.k8s.io/v1"]);
    for (const { items } of [before, after]) {
      deepEqual(items.map(({ metadata }) => metadata.name), ["new", "old"]);
    }
    ok(before.items.every(({ message }) => message === "told by a test"));
    ok(after.items.every(({ note }) => note === "told by a test"));
  });

  test("watches of both groups tell of an Event, each in its own words", async (subject) => {
    const room = await subject.room();
    const { metadata: { resourceVersion } } = await room.events.list();
    await using before = await room.events.watch({ resourceVersion });
    await using after = await room.newEvents.watch({ resourceVersion });
    await room.newEvents.create(told(room, "one"));
    equal((await before.until("ADDED one")).object.message, "told by a test");
    equal((await after.until("ADDED one")).object.note, "told by a test");
    deepEqual([before, after].map(({ events }) => events[0]?.object.apiVersion), ["v1", "events.k8s.io/v1"]);
  });

  test("a series can be written in one group and read in the other", async (subject) => {
    const room = await subject.room();
    await room.newEvents.create(told(room, "one"));
    const series = { count: 2, lastObservedTime: "2026-01-02T03:09:05.123456Z" };
    await room.newEvents.merge("one", { series });
    deepEqual((await room.events.get("one")).series, series);
  });

  test("an Event is deleted for both groups", async (subject) => {
    const room = await subject.room();
    await room.newEvents.create(told(room, "one"));
    await room.events.delete("one");
    ok(await room.newEvents.isGone("one"));
  });
}

function selections(test: Conformance): void {
  const chosen: [string, string][] = [
    ["involvedObject.name=web", "old,web"],
    ["involvedObject.kind=Pod", "old,web"],
    ["involvedObject.uid=uid-2", "other"],
    ["involvedObject.kind=Deployment,involvedObject.name=other", "other"],
    ["reason=Evicted", "other,web"],
    ["reason!=Evicted", "old"],
    ["type=Warning", "old"],
    ["type!=Normal,reason=Unhealthy", "old"],
    ["metadata.name=web", "web"],
    ["source=kubelet", "old"],
    ["reportingComponent=example.com/watchdog", "other,web"],
    ["involvedObject.name=nobody", ""],
  ];
  test("Events are selected by what they are about, by reason and by type", async (subject) => {
    const room = await subject.room();
    const { namespace } = room;
    const regarding = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "other", uid: "uid-2" };
    await room.newEvents.create(told(room, "web"));
    await room.newEvents.create(told(room, "other", { regarding }));
    await room.events.create(old(room, "old"));
    for (const [fieldSelector, names] of chosen) {
      deepEqual([fieldSelector, (await room.events.names({ fieldSelector })).join()], [fieldSelector, names]);
    }
    const here = `involvedObject.namespace=${namespace}`;
    equal((await room.events.names({ fieldSelector: here })).length, 3);
  });

  test("the new group selects by its own words", async (subject) => {
    const room = await subject.room();
    await room.newEvents.create(told(room, "one"));
    await room.events.create(old(room, "two", { reason: "Other" }));
    for (const fieldSelector of ["reason=Evicted", "reportingController=example.com/watchdog"]) {
      deepEqual(await room.newEvents.names({ fieldSelector }), ["one"]);
    }
    for (const fieldSelector of ["regarding.name=web", "regarding.kind=Pod", "regarding.uid=uid-1"]) {
      deepEqual(await room.newEvents.names({ fieldSelector }), ["one", "two"]);
    }
    await refused(room.newEvents.list({ fieldSelector: "involvedObject.name=web" }), { code: 400 });
    await refused(room.events.list({ fieldSelector: "regarding.name=web" }), { code: 400 });
  });

  test("a watch follows the Events of one object", async (subject) => {
    const room = await subject.room();
    const { metadata: { resourceVersion } } = await room.events.list();
    const fieldSelector = "involvedObject.name=web,involvedObject.kind=Pod";
    await using watching = await room.events.watch({ fieldSelector, resourceVersion });
    const regarding = { kind: "Pod", namespace: room.namespace, name: "other" };
    await room.newEvents.create(told(room, "other", { regarding }));
    await room.newEvents.create(told(room, "web"));
    await watching.until("ADDED web");
    deepEqual(watching.seen, ["ADDED web"]);
  });
}

function refusals(test: Conformance): void {
  test("a new Event needs to say who acted, how and why", async (subject) => {
    const room = await subject.room();
    for (const field of ["reportingController", "reportingInstance", "action", "reason"] as const) {
      await refused(room.newEvents.create(told(room, "one", { [field]: "" })), {
        code: 422,
        reason: "Invalid",
        field,
      });
    }
  });

  test("an Event is kept where that is which it is about", async (subject) => {
    const room = await subject.room();
    const involvedObject = { kind: "Pod", namespace: "elsewhere", name: "web" };
    await refused(room.events.create(old(room, "one", { involvedObject })), {
      code: 422,
      reason: "Invalid",
      field: "involvedObject.namespace",
    });
  });

  test("of an Event that was told only its series can be changed", async (subject) => {
    const room = await subject.room();
    await room.newEvents.create(told(room, "one"));
    await refused(room.newEvents.merge("one", { reason: "Other" }), {
      code: 422,
      reason: "Invalid",
      field: "reason",
    });
    await refused(room.newEvents.merge("one", { note: "other" }), {
      code: 422,
      reason: "Invalid",
    });
  });
}
