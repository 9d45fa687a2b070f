/**
 * Labels, annotations and other things of which every object may hold only good ones.
 *
 * @module
 */
import { equal, match, ok } from "node:assert/strict";
import type { ObjectMeta } from "../../k8s/meta_v1.ts";
import { type Expected, refused } from "./api.ts";
import { map, pod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Most bytes that all keys and values of an object's annotations may have together. */
const mostAnnotated = 262_144;

const invalid = { code: 422, reason: "Invalid", cause: "FieldValueInvalid" };

/** Declares the tests. */
export function validation(test: Conformance): void {
  labels(test);
  annotations(test);
  others(test);
  fields(test);
  podSpecs(test);
}

/** Checks that neither a new object may have this metadata nor one that is there. */
function refusesBoth(test: Conformance, what: string, metadata: ObjectMeta, expected: Expected): void {
  test(`${what} is refused`, async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.create(map("new", undefined, metadata)), expected);
    await maps.create(map("one"));
    await refused(maps.merge("one", { metadata }), expected);
    ok(await maps.isGone("new"));
  });
}

function labels(test: Conformance): void {
  const expected = { ...invalid, field: "metadata.labels" };
  for (const value of ["no good", "-a", "a-", "ü", "a/b", "x".repeat(64)]) {
    refusesBoth(test, `the label value ${JSON.stringify(value)}`, { labels: { key: value } }, expected);
  }
  // A prefix is a domain, in small letters.
  for (const key of ["no good", "", "-a", "a/b/c", "/a", "Upper.example/a", "x".repeat(64)]) {
    refusesBoth(test, `the label ${JSON.stringify(key)}`, { labels: { [key]: "a" } }, expected);
  }

  test("good labels of all sorts are taken", async (subject) => {
    const { maps } = await subject.room();
    const labels = { "A_b.c-9": "", "example.com/A": "a.B_c-9", [`a.b/${"x".repeat(63)}`]: "x".repeat(63) };
    await maps.create(map("one", undefined, { labels }));
  });
}

function annotations(test: Conformance): void {
  const expected = { ...invalid, field: "metadata.annotations" };
  for (const key of ["no good", "", "a/b/c", "-a", "x".repeat(64)]) {
    refusesBoth(test, `the annotation ${JSON.stringify(key)}`, { annotations: { [key]: "a" } }, expected);
  }

  refusesBoth(
    test,
    "more annotation than fits",
    { annotations: { key: "x".repeat(mostAnnotated - 2) } },
    {
      code: 422,
      reason: "Invalid",
      field: "metadata.annotations",
      cause: "FieldValueTooLong",
      says: /262144 bytes/,
    },
  );

  test("as much annotation as fits is taken, and one byte more is not", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, { annotations: { key: "x".repeat(mostAnnotated - 3) } }));
    await refused(maps.merge("one", { metadata: { annotations: { a: "" } } }), { code: 422 });
    // Bytes count, not letters.
    await refused(
      maps.create(map("two", undefined, { annotations: { key: "ü".repeat(mostAnnotated / 2) } })),
      {
        code: 422,
      },
    );
  });

  test("what is no text is no annotation", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const metadata = { annotations: { a: 1 as unknown as string } };
    await refused(maps.merge("one", { metadata }), { code: 422 });
    await refused(maps.create(map("two", undefined, metadata)), { code: 400, reason: "BadRequest" });
  });
}

function others(test: Conformance): void {
  refusesBoth(test, "a finalizer without a domain", { finalizers: ["mine"] }, {
    ...invalid,
    field: "metadata.finalizers[0]",
  });

  test("an owner needs all of its fields", async (subject) => {
    const { maps } = await subject.room();
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "", uid: "" }];
    const expected = { code: 422, reason: "Invalid", cause: "FieldValueRequired" };
    const status = await refused(maps.create(map("one", undefined, { ownerReferences })), {
      ...expected,
      field: "metadata.ownerReferences[0].name",
    });
    ok(status.details?.causes?.some(({ field }) => field === "metadata.ownerReferences[0].uid"));
    match(status.message!, /^ConfigMap "one" is invalid: \[metadata/);
  });

  test("an object has one controller at most", async (subject) => {
    const { maps } = await subject.room();
    const owner = (uid: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      name: "a",
      uid,
      controller: true,
    });
    const ownerReferences = [owner("a"), owner("b")];
    await refused(maps.create(map("one", undefined, { ownerReferences })), {
      ...invalid,
      field: "metadata.ownerReferences",
    });
  });
}

function fields(test: Conformance): void {
  const misspelled = { metadata: { name: "one" }, dato: { a: "1" } };

  test("a field that no such object has is dropped, with a warning", async (subject) => {
    const { maps } = await subject.room();
    const answer = await subject.api.call("POST", maps.path, { body: misspelled });
    equal(answer.code, 201);
    ok(!answer.text.includes("dato"));
    match(answer.headers.get("warning") ?? "", /unknown field/);
  });

  test("a strict write refuses a field that no such object has", async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.create(misspelled, { fieldValidation: "Strict" }), {
      code: 400,
      reason: "BadRequest",
      says: /strict decoding error: unknown field "dato"/,
    });
  });
}

function podSpecs(test: Conformance): void {
  const wrong: [string, Parameters<typeof pod>[2], string, string][] = [
    ["no containers", { containers: [] }, "spec.containers", "FieldValueRequired"],
    [
      "a container without a name",
      { containers: [{ name: "", image: "x" }] },
      "spec.containers[0].name",
      "FieldValueRequired",
    ],
    [
      "a container without an image",
      { containers: [{ name: "app" }] },
      "spec.containers[0].image",
      "FieldValueRequired",
    ],
    [
      "two containers of one name",
      { containers: [{ name: "app", image: "x" }, { name: "app", image: "x" }] },
      "spec.containers[1].name",
      "FieldValueDuplicate",
    ],
    [
      "a restart policy that is none",
      { restartPolicy: "Maybe" as "Never" },
      "spec.restartPolicy",
      "FieldValueNotSupported",
    ],
  ];
  for (const [what, spec, field, cause] of wrong) {
    test(`a pod with ${what} is refused`, async (subject) => {
      const { pods } = await subject.room();
      await refused(pods.create(pod("one", {}, spec)), { code: 422, reason: "Invalid", field, cause });
    });
  }

  test("a Deployment whose selector does not fit its template is refused", async (subject) => {
    const { deployments } = await subject.room();
    const template = {
      metadata: { labels: { app: "other" } },
      spec: { containers: [{ name: "a", image: "x" }] },
    };
    const spec = { selector: { matchLabels: { app: "web" } }, template };
    await refused(deployments.create({ metadata: { name: "web" }, spec }), {
      ...invalid,
      field: "spec.template.metadata.labels",
    });
  });
}
