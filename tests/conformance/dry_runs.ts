/**
 * Dry runs: answered as if it were done, and not done.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { refused } from "./api.ts";
import { boundPod, map, startPod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

const dryRun = { dryRun: "All" };

/** Declares the tests. */
export function dryRuns(test: Conformance): void {
  test("a dry creation answers with the object, and makes none", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.create(map("one"), dryRun);
    ok(metadata.uid);
    equal(metadata.resourceVersion, undefined);
    ok(await maps.isGone("one"));
  });

  test("a dry change answers with the change, and makes none", async (subject) => {
    const { maps } = await subject.room();
    const before = await maps.create(map("one", { a: "1" }));
    deepEqual((await maps.merge("one", { data: { a: "2" } }, dryRun)).data, { a: "2" });
    deepEqual((await maps.replace("one", map("one", { a: "3" }), dryRun)).data, { a: "3" });
    deepEqual(await maps.get("one"), before);
  });

  test("a dry deletion deletes nothing", async (subject) => {
    const { maps, pods } = await subject.room();
    await maps.create(map("one"));
    await maps.delete("one", undefined, dryRun);
    await maps.delete("one", { dryRun: ["All"] });
    await maps.get("one");
    await startPod(pods, boundPod("one"));
    await pods.delete("one", { dryRun: ["All"], gracePeriodSeconds: 0 });
    equal((await pods.get("one")).metadata.deletionTimestamp, undefined);
  });

  test("what would be refused is refused in a dry run", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    await refused(maps.create(map("one"), dryRun), { code: 409 });
    await refused(maps.create(map("No Good"), dryRun), { code: 422 });
    await refused(maps.delete("none", undefined, dryRun), { code: 404 });
  });

  test("a dry run of another sort is refused", async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.create(map("one"), { dryRun: "Some" }), {
      code: 422,
      reason: "Invalid",
      field: "dryRun",
      cause: "FieldValueNotSupported",
    });
  });
}
