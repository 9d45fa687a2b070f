/**
 * Who wrote what (metadata.managedFields), for labels and annotations.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ManagedFieldsEntry, ObjectMeta } from "../../k8s/meta_v1.ts";
import { refused } from "./api.ts";
import { boundPod, map, running } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function managedFields(test: Conformance): void {
  managers(test);
  owners(test);
  removals(test);
  subresources(test);
}

/** What of an object nothing is owned any more, is not looked after any more: so each owns some data. */
const data = { kept: "always" };
const first = { fieldManager: "first" };
const second = { fieldManager: "second" };

/** The keys of one field that an entry owns. */
function keysOf({ fieldsV1 }: ManagedFieldsEntry, field: "annotations" | "labels"): string[] {
  const metadata = (fieldsV1 as Record<string, Record<string, object>> | undefined)?.["f:metadata"];
  const owned = Object.keys(metadata?.[`f:${field}`] ?? {});
  return owned.filter((key) => key !== ".").map((key) => key.replace(/^f:/, "")).toSorted();
}

/** By manager: the annotations that it owns. */
function owned({ managedFields = [] }: ObjectMeta, field: "annotations" | "labels" = "annotations") {
  const by: Record<string, string[]> = {};
  for (const entry of managedFields) {
    const keys = keysOf(entry, field);
    if (keys.length > 0) by[entry.manager!] = [...(by[entry.manager!] ?? []), ...keys].toSorted();
  }
  return by;
}

function managers(test: Conformance): void {
  test("the manager is the program's name, unless it says another", async (subject) => {
    const { maps } = await subject.room();
    const named = maps.by("watchdog/1.2 (linux) more");
    const { metadata } = await named.create(map("one", data, { annotations: { a: "1" } }));
    deepEqual(owned(metadata), { watchdog: ["a"] });
    const other = await named.create(map("two", data, { annotations: { a: "1" } }), first);
    deepEqual(owned(other.metadata), { first: ["a"] });
  });

  test("an entry says how, when and in which version it was written", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    const entry = metadata.managedFields!.find(({ manager }) => manager === "first")!;
    deepEqual([entry.operation, entry.apiVersion, entry.fieldsType], ["Update", "v1", "FieldsV1"]);
    equal(entry.subresource, undefined);
    match(entry.time!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    ok(Math.abs(Date.now() - Date.parse(entry.time!)) < 5000);
  });

  test("a manager's name has bounds", async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.create(map("one", data), { fieldManager: "x".repeat(129) }), {
      code: 422,
      reason: "Invalid",
      field: "fieldManager",
    });
    await maps.create(map("one", data), { fieldManager: "x".repeat(128) });
  });

  test("what a reader sends back of it is what is kept, not what it invents", async (subject) => {
    const { maps } = await subject.room();
    const made = await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    const after = await maps.replace("one", { ...made, data: { b: "1" } }, second);
    deepEqual(owned(after.metadata), { first: ["a"] });
    const { managedFields: _, ...metadata } = after.metadata;
    const without = await maps.replace("one", { ...after, metadata, data: { b: "2" } }, second);
    deepEqual(owned(without.metadata), { first: ["a"] });
  });
}

function owners(test: Conformance): void {
  test("each key belongs to who wrote it", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1" }, labels: { l: "1" } }), first);
    const { metadata } = await maps.merge("one", {
      metadata: { annotations: { b: "1" }, labels: { m: "1" } },
    }, second);
    deepEqual(owned(metadata), { first: ["a"], second: ["b"] });
    deepEqual(owned(metadata, "labels"), { first: ["l"], second: ["m"] });
  });

  test("a key with a prefix is kept whole", async (subject) => {
    const { maps } = await subject.room();
    const annotations = { "example.com/a": "1", "example.com/b": "1" };
    const { metadata } = await maps.create(map("one", data, { annotations }), first);
    deepEqual(owned(metadata), { first: ["example.com/a", "example.com/b"] });
  });

  test("who changes another's value takes the key over", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1", b: "1" } }), first);
    const { metadata } = await maps.merge("one", { metadata: { annotations: { a: "2" } } }, second);
    deepEqual(owned(metadata), { first: ["b"], second: ["a"] });
  });

  test("who takes the last key over leaves the other with none", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    const { metadata } = await maps.merge("one", { metadata: { annotations: { a: "2" } } }, second);
    deepEqual(owned(metadata), { second: ["a"] });
  });

  test("who writes the value that is there takes nothing over", async (subject) => {
    const { maps } = await subject.room();
    const before = await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    const after = await maps.merge("one", { metadata: { annotations: { a: "1" } } }, second);
    deepEqual(owned(after.metadata), { first: ["a"] });
    equal(after.metadata.resourceVersion, before.metadata.resourceVersion);
    const more = await maps.merge("one", { metadata: { annotations: { a: "1", b: "1" } } }, second);
    deepEqual(owned(more.metadata), { first: ["a"], second: ["b"] });
  });

  test("a key that changes hands and back belongs to who wrote it last", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    await maps.merge("one", { metadata: { annotations: { a: "2" } } }, second);
    const { metadata } = await maps.merge("one", { metadata: { annotations: { a: "1" } } }, first);
    deepEqual(owned(metadata), { first: ["a"] });
  });

  test("replacements and JSON patches own what they change as well", async (subject) => {
    const { maps } = await subject.room();
    const made = await maps.create(map("one", data, { annotations: { a: "1", b: "1" } }), first);
    const metadata = { ...made.metadata, annotations: { a: "2", b: "1", c: "1" } };
    const replaced = await maps.replace("one", { ...made, metadata }, second);
    deepEqual(owned(replaced.metadata), { first: ["b"], second: ["a", "c"] });
    const patched = await maps.patch(
      "one",
      [{ op: "replace", path: "/metadata/annotations/b", value: "2" }],
      {
        fieldManager: "third",
      },
    );
    deepEqual(owned(patched.metadata), { second: ["a", "c"], third: ["b"] });
  });
}

function removals(test: Conformance): void {
  test("a key that is removed belongs to nobody", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1", b: "1" } }), first);
    const { metadata } = await maps.merge("one", { metadata: { annotations: { a: null } } }, second);
    deepEqual(owned(metadata), { first: ["b"] });
  });

  test("when the last key is removed nobody is left", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    const { metadata } = await maps.merge("one", { metadata: { annotations: { a: null } } }, second);
    deepEqual([owned(metadata), metadata.annotations], [{}, undefined]);
  });

  test("a key that is removed and written again belongs to who wrote it again", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", data, { annotations: { a: "1" } }), first);
    await maps.merge("one", { metadata: { annotations: { a: null } } }, first);
    const { metadata } = await maps.merge("one", { metadata: { annotations: { a: "1" } } }, second);
    deepEqual(owned(metadata), { second: ["a"] });
  });
}

function subresources(test: Conformance): void {
  test("what is written with the status is owned apart from the rest", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one"));
    await pods.merge("one", { metadata: { annotations: { a: "1" } } }, first);
    const body = { metadata: { annotations: { b: "1" } }, status: running() };
    const { metadata } = await pods.mergeStatus("one", body, first);
    const entries = metadata.managedFields!.filter(({ manager }) => manager === "first");
    const shown = entries.map((entry) => [entry.subresource, keysOf(entry, "annotations")]);
    deepEqual(shown.toSorted(), [["status", ["b"]], [undefined, ["a"]]].toSorted());
  });

  test("who writes another's annotation to the status takes it over there", async (subject) => {
    const { pods } = await subject.room();
    const bound = boundPod("one");
    await pods.create({ ...bound, metadata: { ...bound.metadata, annotations: { a: "1" } } }, first);
    const { metadata } = await pods.mergeStatus("one", { metadata: { annotations: { a: "2" } } }, second);
    deepEqual(owned(metadata), { second: ["a"] });
  });
}
