import { deepEqual, equal } from "node:assert/strict";
import { type Workload, workloadOf, workloadReader } from "../../lib/orchestrator/workload.ts";
import { pod, workload } from "./build.ts";

const metadata = { namespace: "shop", name: "web", uid: "d1" };
const spec = { selector: {}, template: { spec: { containers: [] } } };

/** A search in these workloads. */
function findIn(...workloads: Workload[]) {
  return (kind: string, namespace: string, name: string) =>
    workloads.find((one) => one.kind === kind && one.namespace === namespace && one.name === name);
}

const deployment = workload();
const { apiVersion, kind, name, uid } = deployment;
const replicaSet = workload({
  kind: "ReplicaSet",
  name: "web-5d",
  uid: "web-5d-uid",
  controller: { apiVersion, kind, name, uid },
});

Deno.test("a Deployment is read with its pods, wanted and ready", () => {
  const read = workloadReader("Deployment")({
    metadata,
    spec: { ...spec, replicas: 5 },
    status: { readyReplicas: 3 },
  });
  deepEqual(read, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "web",
    uid: "d1",
    controller: undefined,
    paused: false,
    failingLimit: undefined,
    desired: 5,
    ready: 3,
  });
});

Deno.test("a DaemonSet wants a pod on each node that it is scheduled on", () => {
  const status = {
    currentNumberScheduled: 7,
    desiredNumberScheduled: 8,
    numberMisscheduled: 0,
    numberReady: 6,
  };
  const daemons = { ...spec, updateStrategy: {} };
  const { desired, ready } = workloadReader("DaemonSet")({ metadata, spec: daemons, status });
  deepEqual({ desired, ready }, { desired: 8, ready: 6 });
});

Deno.test("a ReplicaSet names its Deployment", () => {
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d1", controller: true };
  const { controller } = workloadReader("ReplicaSet")({
    metadata: { ...metadata, ownerReferences: [owner] },
    spec,
  });
  deepEqual(controller, { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d1" });
});

Deno.test("what a workload says to AutoCrane is read as written", () => {
  const annotations = { "autocrane.io/pause": "true", "autocrane.io/failing-limit": " 10% " };
  const { paused, failingLimit } = workloadReader("StatefulSet")({
    metadata: { ...metadata, annotations },
    spec,
  });
  deepEqual({ paused, failingLimit }, { paused: true, failingLimit: " 10% " });
});

Deno.test("a workload that was only just made has no ready pods", () => {
  const { desired, ready } = workloadReader("Deployment")({ metadata, spec });
  deepEqual({ desired, ready }, { desired: 0, ready: 0 });
});

Deno.test("a pod's workload is the Deployment, not the ReplicaSet", () => {
  deepEqual(workloadOf(pod(), findIn(replicaSet, deployment)), deployment);
});

Deno.test("a pod's workload is its StatefulSet or DaemonSet", () => {
  for (const kind of ["StatefulSet", "DaemonSet"]) {
    const set = workload({ kind, name: "db", uid: "db" });
    const controller = { apiVersion: "apps/v1", kind, name: "db", uid: "db" };
    deepEqual(workloadOf(pod({ controller }), findIn(set)), set);
  }
});

Deno.test("a ReplicaSet of nobody's is the workload itself", () => {
  const alone = { ...replicaSet, controller: undefined };
  deepEqual(workloadOf(pod(), findIn(alone, deployment)), alone);
});

Deno.test("a pod without a controller has no workload", () => {
  equal(workloadOf(pod({ controller: undefined }), findIn(replicaSet, deployment)), undefined);
});

Deno.test("a controller of a kind that nobody follows groups its pods, without limits of its own", () => {
  const controller = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web", uid: "r1" };
  deepEqual(workloadOf(pod({ controller }), findIn(deployment)), {
    ...controller,
    namespace: "shop",
    controller: undefined,
    paused: false,
    failingLimit: undefined,
    desired: 0,
    ready: 0,
  });
});

Deno.test("another controller of the same name is not the pod's", () => {
  const successor = workload({ ...replicaSet, uid: "another", paused: true });
  equal(workloadOf(pod(), findIn(successor, deployment))?.uid, "web-5d-uid");
  equal(workloadOf(pod(), findIn(successor, deployment))?.paused, false);
});

Deno.test("a Deployment that was not seen yet groups the pods of its ReplicaSets all the same", () => {
  const { uid, kind } = workloadOf(pod(), findIn(replicaSet))!;
  deepEqual({ uid, kind }, { uid: "web-deployment", kind: "Deployment" });
});
