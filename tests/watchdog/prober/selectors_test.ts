import { deepEqual, equal } from "node:assert/strict";
import type { LabelSelector } from "../../../k8s/meta_v1.ts";
import { type LabelUser, labelUserOf, labelUserReader } from "../../../lib/watchdog/prober/selectors.ts";

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
