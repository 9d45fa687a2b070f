import { deepEqual } from "node:assert/strict";
import { outdated } from "../../../../lib/embedded/controllers/deployments/history.ts";
import { before, deployment, replicaSet, type ReplicaSetChanges } from "../build.ts";

function old(revision: number, changes: ReplicaSetChanges = {}) {
  const annotations = { "deployment.kubernetes.io/revision": String(revision) };
  return replicaSet(`r${revision}`, { replicas: 0, annotations, ...changes });
}

function removed(limit: number | undefined, sets = [old(3), old(10), old(2)]): string[] {
  const owner = deployment({ spec: { revisionHistoryLimit: limit } });
  return outdated(owner, sets).map(({ metadata }) => metadata!.name!);
}

Deno.test("as many old sets are kept as the limit says, those of the highest revisions", () => {
  deepEqual(removed(10), []);
  deepEqual(removed(1), ["web-r2", "web-r3"]);
  deepEqual(removed(0), ["web-r2", "web-r3", "web-r10"]);
});

Deno.test("without a limit all are kept", () => {
  deepEqual(removed(undefined), []);
  deepEqual(removed(2 ** 31 - 1), []);
});

Deno.test("a set that has pods, or may have, is kept", () => {
  const sets = [
    old(1, { replicas: 2 }),
    old(2, { status: { replicas: 1 } }),
    old(3, { generation: 2 }),
    old(4),
  ];
  deepEqual(removed(0, sets), ["web-r4"]);
});

Deno.test("a set that is being deleted does not count", () => {
  deepEqual(removed(1, [old(1), old(2, { deletionTimestamp: before(0) })]), []);
});
