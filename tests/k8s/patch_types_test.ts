import { ok } from "node:assert/strict";
import type { Deployment, Patch, Pod } from "../../k8s/mod.ts";

/** The compiler is what tests here: a line after `@ts-expect-error` that compiles is an error. */
function patches<T>(...patches: Patch<T>[]): void {
  ok(patches.length > 0);
}

Deno.test("a merge patch deletes with null, at any depth, and replaces lists whole", () => {
  patches<Pod>(
    { type: "merge", body: { metadata: { annotations: { note: null }, labels: null } } },
    { type: "merge", body: { spec: { containers: [{ name: "app" }] } } },
  );
  // @ts-expect-error: an entry of a list that is replaced must be complete
  patches<Pod>({ type: "merge", body: { spec: { containers: [{ image: "app:2" }] } } });
  // @ts-expect-error: no such field
  patches<Pod>({ type: "merge", body: { metadata: { label: {} } } });
});

Deno.test("a strategic merge patch has parts of list entries, and directives", () => {
  const containers = [{ name: "app", image: "app:2" }];
  patches<Deployment>(
    { type: "strategic", body: { spec: { template: { spec: { containers } } } } },
    {
      type: "strategic",
      body: { spec: { template: { spec: { volumes: [{ name: "data", $patch: "delete" }] } } } },
    },
    { type: "strategic", body: { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } } },
    {
      type: "strategic",
      body: { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/hold"] } },
    },
  );
  // @ts-expect-error: no such directive
  patches<Deployment>({ type: "strategic", body: { metadata: { $patch: "remove" } } });
});

Deno.test("a JSON patch has the fields that its operation needs", () => {
  patches<Pod>(
    {
      type: "json",
      body: [{ op: "test", path: "/metadata/uid", value: "u1" }, { op: "remove", path: "/spec" }],
    },
    { type: "json", body: [{ op: "move", from: "/a", path: "/b" }] },
  );
  // @ts-expect-error: an addition needs a value
  patches<Pod>({ type: "json", body: [{ op: "add", path: "/a" }] });
  // @ts-expect-error: a move needs a source
  patches<Pod>({ type: "json", body: [{ op: "move", path: "/a" }] });
});

Deno.test("an apply needs a manager, an API version, a kind and a name", () => {
  const spec = { containers: [{ name: "app" }] };
  const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec };
  patches<Pod>({ type: "apply", body, fieldManager: "me", force: true });
  // @ts-expect-error: nobody would own the fields
  patches<Pod>({ type: "apply", body });
  // @ts-expect-error: a server must be told the kind
  patches<Pod>({ type: "apply", body: { spec: {} }, fieldManager: "me" });
  // @ts-expect-error: servers want the name in the body as well
  patches<Pod>({ type: "apply", body: { apiVersion: "v1", kind: "Pod", spec }, fieldManager: "me" });
  // @ts-expect-error: only an apply can be forced
  patches<Pod>({ type: "merge", body: {}, force: true });
});
