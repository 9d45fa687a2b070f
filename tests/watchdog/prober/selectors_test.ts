import { deepEqual, equal } from "node:assert/strict";
import type { LabelSelector } from "../../../k8s/meta_v1.ts";
import {
  type LabelUser,
  labelUserOf,
  labelUserReader,
  matches,
} from "../../../lib/watchdog/prober/selectors.ts";

const health = "status.autocrane.io/health";
const metadata = { namespace: "shop", name: "web", uid: "u1" };

/** What is kept of an object of this kind with this selector. */
function user(kind: string, selector: LabelSelector | Record<string, string> | undefined) {
  return labelUserReader("v1", kind)({ metadata, spec: { selector } });
}

Deno.test("an object whose selector does without the health label is not kept", () => {
  equal(user("Service", { app: "web" }), undefined);
  equal(user("ReplicaSet", { matchLabels: { app: "web" } }), undefined);
  equal(user("Service", undefined), undefined);
  equal(labelUserReader("v1", "Service")({}), undefined);
});

Deno.test("a Service that selects healthy pods is kept, with the rest of its selector", () => {
  deepEqual(user("Service", { app: "web", [health]: "info" }), {
    apiVersion: "v1",
    kind: "Service",
    namespace: "shop",
    name: "web",
    uid: "u1",
    rest: { matchLabels: { app: "web" }, matchExpressions: [] },
  });
});

Deno.test("a selector's expression uses the label as much as its labels do", () => {
  const tier = { key: "tier", operator: "Exists" };
  const selector = { matchExpressions: [{ key: health, operator: "NotIn", values: ["error"] }, tier] };
  deepEqual(user("PodDisruptionBudget", selector)?.rest, { matchLabels: {}, matchExpressions: [tier] });
});

Deno.test("a Service's label may be named as a selector's field is", () => {
  deepEqual(user("Service", { matchLabels: "x", [health]: "info" })?.rest.matchLabels, { matchLabels: "x" });
});

const labels = { app: "web", tier: "front" };
const fitting: [string, LabelSelector][] = [
  ["nothing at all", {}],
  ["a label", { matchLabels: { app: "web" } }],
  ["In with the value", { matchExpressions: [{ key: "app", operator: "In", values: ["db", "web"] }] }],
  ["NotIn with other values", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["db"] }] }],
  ["NotIn on a label that is missing", {
    matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }],
  }],
  ["Exists", { matchExpressions: [{ key: "tier", operator: "Exists" }] }],
  ["DoesNotExist on a label that is missing", {
    matchExpressions: [{ key: "zone", operator: "DoesNotExist" }],
  }],
];
for (const [what, selector] of fitting) {
  Deno.test(`a pod fits a selector that asks for ${what}`, () => equal(matches(selector, labels), true));
}

const failing: [string, LabelSelector][] = [
  ["another value", { matchLabels: { app: "db" } }],
  ["a label it lacks", { matchLabels: { zone: "a" } }],
  ["In without its value", { matchExpressions: [{ key: "app", operator: "In", values: ["db"] }] }],
  ["In on a label it lacks", { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }],
  ["In without values", { matchExpressions: [{ key: "app", operator: "In" }] }],
  ["NotIn with its value", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }],
  ["Exists on a label it lacks", { matchExpressions: [{ key: "zone", operator: "Exists" }] }],
  ["DoesNotExist on one it has", { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }],
  ["one thing it has and one it lacks", {
    matchLabels: { app: "web" },
    matchExpressions: [{ key: "zone", operator: "Exists" }],
  }],
];
for (const [what, selector] of failing) {
  Deno.test(`a pod does not fit a selector that asks for ${what}`, () => {
    equal(matches(selector, labels), false);
  });
}

Deno.test("only an object of the pod's namespace whose other requirements fit could move it", () => {
  const web = user("Service", { app: "web", [health]: "info" }) as LabelUser;
  const elsewhere: LabelUser = { ...web, namespace: "bank" };
  const other: LabelUser = { ...web, rest: { matchLabels: { app: "db" } } };
  equal(labelUserOf([elsewhere, other], { namespace: "shop", labels }), undefined);
  equal(labelUserOf([elsewhere, other, web], { namespace: "shop", labels }), web);
});

Deno.test("an object that selects by the health label alone could move every pod of its namespace", () => {
  const all = user("Service", { [health]: "info" }) as LabelUser;
  equal(labelUserOf([all], { namespace: "shop", labels: {} }), all);
});

for (const name of ["constructor", "toString", "__proto__"]) {
  Deno.test(`a label called ${name} is there only where somebody set it`, () => {
    const asks = (operator: string) => ({ matchExpressions: [{ key: name, operator, values: ["x"] }] });
    const there = Object.fromEntries([[name, "x"]]);
    deepEqual(["Exists", "In"].map((operator) => matches(asks(operator), {})), [false, false]);
    deepEqual(["DoesNotExist", "NotIn"].map((operator) => matches(asks(operator), {})), [true, true]);
    deepEqual(["Exists", "In"].map((operator) => matches(asks(operator), there)), [true, true]);
  });
}
