/**
 * Replacing objects, and who notices that somebody else was faster.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { refused } from "./api.ts";
import { map, nobody, pod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

const tooLate = {
  code: 409,
  reason: "Conflict",
  says: 'Operation cannot be fulfilled on configmaps "one": the object has been modified; ' +
    "please apply your changes to the latest version and try again",
};

/** Declares the tests. */
export function replacing(test: Conformance): void {
  wholes(test);
  conflicts(test);
  refusals(test);
}

function wholes(test: Conformance): void {
  test("a replacement takes away what it does not name, and keeps what is the server's", async (subject) => {
    const { maps } = await subject.room();
    const before = await maps.create(
      map("one", { a: "1" }, { labels: { old: "yes" }, annotations: { old: "yes" } }),
    );
    const after = await maps.replace("one", map("one", { b: "2" }));
    deepEqual(after.data, { b: "2" });
    deepEqual([after.metadata.labels, after.metadata.annotations], [undefined, undefined]);
    equal(after.metadata.uid, before.metadata.uid);
    equal(after.metadata.creationTimestamp, before.metadata.creationTimestamp);
    ok(Number(after.metadata.resourceVersion) > Number(before.metadata.resourceVersion));
  });

  test("an object that is put back as it was read stays as it is", async (subject) => {
    const { maps, pods } = await subject.room();
    const one = await maps.create(map("one", { a: "1" }));
    equal((await maps.replace("one", one)).metadata.resourceVersion, one.metadata.resourceVersion);
    const web = await pods.create(pod("web"));
    const again = await pods.replace("web", { ...web, status: { phase: "Failed" } });
    equal(again.metadata.resourceVersion, web.metadata.resourceVersion);
    equal(again.status?.phase, "Pending");
  });

  test("without a version a replacement holds whatever somebody else did", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", { a: "1" }));
    await maps.merge("one", { data: { a: "2" } });
    deepEqual((await maps.replace("one", map("one", { a: "3" }))).data, { a: "3" });
  });
}

function conflicts(test: Conformance): void {
  test("a replacement of an old version is refused", async (subject) => {
    const { maps } = await subject.room();
    const old = await maps.create(map("one", { a: "1" }));
    await maps.merge("one", { data: { a: "2" } });
    const status = await refused(maps.replace("one", { ...old, data: { a: "3" } }), tooLate);
    deepEqual([status.details?.name, status.details?.kind], ["one", "configmaps"]);
    deepEqual((await maps.get("one")).data, { a: "2" });
  });

  test("of many replacements of one version, one holds", async (subject) => {
    const { maps } = await subject.room();
    const read = await maps.create(map("one", { a: "0" }));
    const attempts = Array.from(
      { length: 8 },
      (_, i) =>
        maps.replace("one", { ...read, data: { a: String(i + 1) } }).then(() => "done", () => "refused"),
    );
    const outcomes = await Promise.all(attempts);
    equal(outcomes.filter((outcome) => outcome === "done").length, 1);
  });

  test("a merge patch of an old version is refused, even if it would change nothing", async (subject) => {
    const { maps } = await subject.room();
    const { metadata: { resourceVersion } } = await maps.create(map("one", { a: "1" }));
    const { metadata } = await maps.merge("one", { data: { a: "2" } });
    await refused(maps.merge("one", { metadata: { resourceVersion }, data: { a: "3" } }), tooLate);
    await refused(maps.merge("one", { metadata: { resourceVersion }, data: { a: "2" } }), tooLate);
    const right = { metadata: { resourceVersion: metadata.resourceVersion }, data: { a: "3" } };
    deepEqual((await maps.merge("one", right)).data, { a: "3" });
  });

  test("merge patches at once that do not conflict all hold", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`);
    await Promise.all(keys.map((key) => maps.merge("one", { data: { [key]: "1" } })));
    deepEqual(Object.keys((await maps.get("one")).data!).toSorted(), keys);
  });

  test("a patch or replacement of another uid is refused", async (subject) => {
    const { maps, pods } = await subject.room();
    await maps.create(map("one"));
    const other = { metadata: { uid: nobody } };
    const status = await refused(maps.merge("one", { ...other, data: { a: "1" } }), {
      code: 422,
      reason: "Invalid",
      says: `ConfigMap "one" is invalid: metadata.uid: Invalid value: "${nobody}": field is immutable`,
      field: "metadata.uid",
    });
    equal(status.details?.kind, "ConfigMap");
    await refused(maps.replace("one", map("one", { a: "1" }, { uid: nobody })), {
      code: 409,
      reason: "Conflict",
      says: /Precondition failed: UID in precondition/,
    });
    equal((await maps.get("one")).data, undefined);
    await refused(pods.merge("none", other), { code: 404 });
  });
}

function refusals(test: Conformance): void {
  test("the name in the body is that in the path", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    await refused(maps.replace("one", map("two")), {
      code: 400,
      reason: "BadRequest",
      says: "the name of the object (two) does not match the name on the URL (one)",
    });
    await refused(maps.replace("one", { metadata: {} }), { code: 400, says: /name/ });
  });

  test("the namespace in the body is that in the path", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    await refused(maps.replace("one", map("one", undefined, { namespace: "elsewhere" })), {
      code: 400,
      reason: "BadRequest",
      says: "the namespace of the provided object does not match the namespace sent on the request",
    });
  });
}
