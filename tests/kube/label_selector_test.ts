import { deepEqual, equal, throws } from "node:assert/strict";
import type { LabelSelector } from "../../k8s/meta_v1.ts";
import { matches, parseLabelSelector } from "../../lib/kube/label_selector.ts";

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

for (const name of ["constructor", "toString", "__proto__"]) {
  Deno.test(`a label called ${name} is there only where somebody set it`, () => {
    const asks = (operator: string) => ({ matchExpressions: [{ key: name, operator, values: ["x"] }] });
    const there = Object.fromEntries([[name, "x"]]);
    deepEqual(["Exists", "In"].map((operator) => matches(asks(operator), {})), [false, false]);
    deepEqual(["DoesNotExist", "NotIn"].map((operator) => matches(asks(operator), {})), [true, true]);
    deepEqual(["Exists", "In"].map((operator) => matches(asks(operator), there)), [true, true]);
  });
}

const web = { app: "web", tier: "front", "example.org/zone": "a" };
const spelled: [string, boolean][] = [
  ["", true],
  ["app=web", true],
  ["app==web", true],
  ["app = web , tier=front", true],
  ["app=db", false],
  ["app!=db", true],
  ["zone!=a", true],
  ["app!=web", false],
  ["app in (db, web),tier", true],
  ["app in (db,api)", false],
  ["app notin (db)", true],
  ["zone notin (a)", true],
  ["tier", true],
  ["!tier", false],
  ["!zone", true],
  ["example.org/zone=a", true],
  ["zone=", false],
];
for (const [text, fits] of spelled) {
  Deno.test(`the query ${JSON.stringify(text)} ${fits ? "takes" : "leaves"} a pod`, () => {
    equal(matches(parseLabelSelector(text), web), fits);
  });
}

for (const text of ["app=web,", "=web", "app in web", "app in (a b)", "a b", "app=we!b", "app>1"]) {
  Deno.test(`the query ${JSON.stringify(text)} is refused by name`, () => {
    throws(() => parseLabelSelector(text), /cannot read ".*" as a label requirement/);
  });
}
