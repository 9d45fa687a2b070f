/**
 * Namespaces: their beginning, and their end with all that is in them.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { until } from "../cluster/support/wait.ts";
import { refused } from "./api.ts";
import { boundPod, map, startPod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function namespaces(test: Conformance): void {
  test("a namespace is Active, and is labelled with its name", async (subject) => {
    const { namespace } = await subject.room();
    const { kind, status, spec, metadata } = await subject.namespaces.get(namespace);
    deepEqual([kind, status?.phase, spec?.finalizers], ["Namespace", "Active", ["kubernetes"]]);
    equal(metadata.labels?.["kubernetes.io/metadata.name"], namespace);
    equal(metadata.namespace, undefined);
  });

  test("there are a default namespace and the system's", async ({ namespaces }) => {
    const names = await namespaces.names();
    for (const name of ["default", "kube-system"]) ok(names.includes(name), name);
  });

  for (const name of ["Upper", "a.b", "a".repeat(64)]) {
    test(`a namespace cannot be called ${name.slice(0, 10)}${name.length > 10 ? "..." : ""}`, async (subject) => {
      await refused(subject.namespaces.create({ metadata: { name } }), {
        code: 422,
        reason: "Invalid",
        field: "metadata.name",
      });
    });
  }

  test("a namespace takes all that is in it along: one made anew is empty", async (subject) => {
    const { namespace, maps, pods, budgets } = await subject.room();
    await maps.create(map("one"));
    await pods.create(boundPod("one"));
    await pods.delete("one", { gracePeriodSeconds: 0 });
    await budgets.create({ metadata: { name: "one" }, spec: { minAvailable: 1, selector: {} } });
    const answer = await subject.namespaces.delete(namespace);
    equal(answer.kind, "Namespace");
    deepEqual((answer as { status?: unknown }).status, { phase: "Terminating" });
    await until("the namespace is gone", () => subject.namespaces.isGone(namespace));
    ok(await maps.isGone("one"));
    ok(await budgets.isGone("one"));
    await subject.namespaces.create({ metadata: { name: namespace } });
    ok(await maps.isGone("one"));
    ok(await budgets.isGone("one"));
  });

  test("a namespace waits for its pods to end, and takes nothing new meanwhile", async (subject) => {
    const { namespace, maps, pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    await subject.namespaces.delete(namespace);
    await until("the pod is told to end", async () => (await pods.get("one")).metadata.deletionTimestamp);
    const { status } = await subject.namespaces.get(namespace);
    equal(status?.phase, "Terminating");
    const refusal = await refused(maps.create(map("late")), {
      code: 403,
      reason: "Forbidden",
      says: new RegExp(
        `^configmaps "late" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      ),
      cause: "NamespaceTerminating",
    });
    equal(refusal.details?.name, "late");
    await pods.merge("one", { metadata: { annotations: { still: "here" } } });
    await pods.delete("one", { gracePeriodSeconds: 0 });
    await until("the namespace is gone", () => subject.namespaces.isGone(namespace));
    await refused(maps.create(map("late")), { code: 404, reason: "NotFound" });
  });
}
