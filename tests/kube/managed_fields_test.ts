import { deepEqual } from "node:assert/strict";
import { managedAnnotations } from "../../lib/kube/managed_fields.ts";

const prefix = "status.autocrane.io/";

function pod(...entries: { manager: string; annotations?: string[]; other?: object }[]) {
  const managedFields = entries.map(({ manager, annotations, other }) => ({
    manager,
    fieldsV1: {
      "f:metadata": {
        ...other,
        ...(annotations &&
          { "f:annotations": Object.fromEntries(annotations.map((key) => [`f:${key}`, {}])) }),
      },
    },
  }));
  return { metadata: { name: "web", managedFields } };
}

Deno.test("a manager's annotations are found by their prefix, which is taken off", () => {
  const object = pod({ manager: "prober", annotations: [`${prefix}web`, `${prefix}db`, "other.io/web"] });
  deepEqual(managedAnnotations(object, "prober", prefix), ["web", "db"]);
});

Deno.test("annotations that others wrote are not among them", () => {
  const object = pod(
    { manager: "kubectl", annotations: [`${prefix}mine`] },
    { manager: "prober", annotations: [`${prefix}web`] },
  );
  deepEqual(managedAnnotations(object, "prober", prefix), ["web"]);
});

Deno.test("an annotation in two entries of one manager is named once", () => {
  const entry = { manager: "prober", annotations: [`${prefix}web`] };
  deepEqual(managedAnnotations(pod(entry, entry), "prober", prefix), ["web"]);
});

Deno.test("the entry for the map itself and labels of the same name are no annotations", () => {
  const object = pod({
    manager: "prober",
    annotations: ["."],
    other: { "f:labels": { [`f:${prefix}health`]: {} } },
  });
  deepEqual(managedAnnotations(object, "prober", prefix), []);
});

Deno.test("an object without managedFields, or with empty ones, has none", () => {
  deepEqual(managedAnnotations({}, "prober", prefix), []);
  deepEqual(
    managedAnnotations({ metadata: { managedFields: [{ manager: "prober" }] } }, "prober", prefix),
    [],
  );
});
