import { deepEqual, equal, throws } from "node:assert/strict";
import type { StatefulSet } from "../../../../k8s/apps_v1.ts";
import { expectedScale, type Workloads } from "../../../../lib/embedded/controllers/budgets/scales.ts";
import { deployment, metadataOf, ownedBy, pod, replicaSet } from "../build.ts";

const database: StatefulSet = {
  metadata: metadataOf("db"),
  spec: { replicas: 5, serviceName: "db", selector: {}, template: {} },
};
const alone = replicaSet("alone", { replicas: 2, ownerReferences: [] });
const workloads: Workloads = {
  deployments: [deployment({ spec: { replicas: 7 } })],
  replicaSets: [replicaSet("a", { replicas: 3 }), replicaSet("b", { replicas: 4 }), alone],
  statefulSets: [database],
};

function of(kind: string, name: string, changes = {}) {
  return pod(`${name}-${crypto.randomUUID()}`, { ownerReferences: [ownedBy(kind, name, changes)] });
}

Deno.test("a Deployment's scale counts once, however many of its sets the pods are of", () => {
  const pods = [of("ReplicaSet", "web-a"), of("ReplicaSet", "web-a"), of("ReplicaSet", "web-b")];
  equal(expectedScale(pods, workloads).pods, 7);
});

Deno.test("the scales of several controllers are summed", () => {
  const pods = [of("ReplicaSet", "web-a"), of("ReplicaSet", "web-alone"), of("StatefulSet", "db")];
  equal(expectedScale(pods, workloads).pods, 7 + 2 + 5);
});

Deno.test("pods without a controller are named", () => {
  deepEqual(expectedScale([pod("bare")], workloads), { pods: 0, unmanaged: ["bare"] });
});

Deno.test("another object of a controller's name is not the controller", () => {
  throws(
    () => expectedScale([of("StatefulSet", "db", { uid: "before" })], workloads),
    /found no controllers/,
  );
});

Deno.test("a controller without a scale is told by its resource", () => {
  const daemon = of("DaemonSet", "agent");
  throws(
    () => expectedScale([daemon], workloads),
    /daemonsets\.apps does not implement the scale subresource/,
  );
  const job = of("Job", "import", { apiVersion: "batch/v1" });
  throws(() => expectedScale([job], workloads), /jobs\.batch does not implement the scale subresource/);
});
