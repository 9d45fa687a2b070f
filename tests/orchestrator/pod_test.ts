import { deepEqual, equal } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { failuresOf, type JudgedPod, podReader } from "../../lib/orchestrator/pod.ts";
import { noon, pod, watchdog } from "./build.ts";

const probe = { "probe.autocrane.io/disk": "POD_IP:8080/watchdog" };
const error = { "status.autocrane.io/disk": "error/2026-01-31T11:59:00/disk full" };

/** A pod of the API with these annotations and whatever else the test changes. */
function apiPod(annotations: Record<string, string>, changes: Partial<Pod> = {}): Pod {
  return {
    metadata: { namespace: "shop", name: "web-1", uid: "u1", resourceVersion: "7", annotations },
    spec: { containers: [], nodeName: "n1", serviceAccountName: "web" },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    ...changes,
  };
}

const readPod = podReader("autocrane-watchdogprober");

/** What the orchestrator makes of a pod that a watchdog concerns. */
function read(annotations: Record<string, string>, changes: Partial<Pod> = {}): JudgedPod {
  return readPod(apiPod({ ...probe, ...annotations }, changes))!;
}

/** The same, with more metadata. */
function readWith(metadata: Pod["metadata"], annotations: Record<string, string> = {}): JudgedPod {
  const whole = apiPod({ ...probe, ...annotations });
  return readPod({ ...whole, metadata: { ...whole.metadata, ...metadata } })!;
}

/** The names of the watchdogs that count against the pod at noon. */
function failing(annotations: Record<string, string>, proberWorks = true): string[] {
  return failuresOf(read(annotations), proberWorks, noon).map(({ name }) => name);
}

Deno.test("nothing is kept of a pod without watchdogs", () => {
  equal(readPod(apiPod({ "autocrane.io/pause": "true" })), undefined);
  equal(readPod({}), undefined);
});

Deno.test("a pod with a probe or with a status is kept", () => {
  equal(readPod(apiPod(probe))?.uid, "u1");
  equal(readPod(apiPod(error))?.uid, "u1");
});

Deno.test("what identifies a pod is kept", () => {
  const { namespace, name, uid, resourceVersion, node, serviceAccount } = read(error);
  deepEqual({ namespace, name, uid, resourceVersion, node, serviceAccount }, {
    namespace: "shop",
    name: "web-1",
    uid: "u1",
    resourceVersion: "7",
    node: "n1",
    serviceAccount: "web",
  });
});

Deno.test("of several owners the controller counts", () => {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d", uid: "rs", controller: true };
  const other = { apiVersion: "v1", kind: "ConfigMap", name: "c", uid: "c" };
  const { controller: _, ...expected } = owner;
  deepEqual(readWith({ ownerReferences: [other, owner] }).controller, expected);
  equal(readWith({ ownerReferences: [other] }).controller, undefined);
});

Deno.test("a pod is terminating from the moment that its deletion was asked for", () => {
  equal(read(error).terminating, false);
  equal(readWith({ deletionTimestamp: "2026-01-31T12:00:00Z" }).terminating, true);
});

Deno.test("a pod has finished when it succeeded or failed", () => {
  const phases = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];
  const finished = phases.filter((phase) => read(error, { status: { phase } }).finished);
  deepEqual(finished, ["Succeeded", "Failed"]);
});

Deno.test("a pod is ready when its condition says so", () => {
  equal(read(error).ready, true);
  equal(read(error, { status: { conditions: [{ type: "Ready", status: "False" }] } }).ready, false);
  equal(read(error, { status: {} }).ready, false);
});

Deno.test("a pod that the kubelet made from a file is a mirror pod", () => {
  equal(read({ "kubernetes.io/config.mirror": "abc" }).mirror, true);
  equal(read(error).mirror, false);
});

Deno.test("only the eviction API's own mark says that a pod was evicted through it", () => {
  const marked = (reason: string, status = "True") =>
    read(error, { status: { conditions: [{ type: "DisruptionTarget", status, reason }] } }).evicted;
  equal(marked("EvictionByEvictionAPI"), true);
  equal(marked("PreemptionByScheduler"), false);
  equal(marked("EvictionByEvictionAPI", "False"), false);
});

Deno.test("what a pod says about evictions and pauses is read", () => {
  equal(read({ "autocrane.io/evict": "never" }).wish, "never");
  equal(read({ "autocrane.io/evict": "perhaps" }).wish, "unreadable");
  equal(read({ "autocrane.io/pause": "true" }).paused, true);
  equal(read(error).paused, false);
});

Deno.test("a pod's own grace period is kept, Kubernetes' where it has none", () => {
  equal(read(error, { spec: { containers: [], terminationGracePeriodSeconds: 600 } }).gracePeriod, 600);
  equal(read(error).gracePeriod, 30);
});

Deno.test("the statuses that the prober wrote are told by its field manager", () => {
  const wrote = (manager: string, field: string) => ({
    manager,
    fieldsV1: { "f:metadata": { "f:annotations": { [field]: {} } } },
  });
  const { byProber } = readWith({
    managedFields: [
      wrote("autocrane-watchdogprober", "f:status.autocrane.io/disk"),
      wrote("autocrane-watchdogprober", "f:autocrane.io/started"),
      wrote("kubectl", "f:status.autocrane.io/app"),
    ],
  });
  deepEqual(byProber, ["disk"]);
});

Deno.test("a probe without a status yet can fail its pod", () => {
  equal(read({}).canFail, true);
});

Deno.test("a pod whose watchdogs are only shown, or cannot be read, cannot fail", () => {
  equal(read({ ...error, "probe-options.autocrane.io/disk": "action=report" }).canFail, false);
  equal(read({ ...error, "probe-options.autocrane.io/disk": "action=perhaps" }).canFail, false);
  equal(read({ ...error, "probe.autocrane.io/disk": "http://elsewhere/" }).canFail, false);
});

Deno.test("a pod whose prober says that the annotation is bad cannot fail", () => {
  const bad = {
    "probe-options.autocrane.io/disk": "timeout=40s",
    "status.autocrane.io/disk": "error/2026-01-31T11:59:00/bad annotation: option timeout is too long",
  };
  equal(read(bad).canFail, false);
  deepEqual(failing(bad), []);
});

Deno.test("one watchdog that evicts is enough to fail a pod", () => {
  const options = { "probe-options.autocrane.io/disk": "action=report" };
  equal(read({ ...options, "status.autocrane.io/app": "info/2026-01-31T12:00:00/" }).canFail, true);
});

Deno.test("an error counts against its pod, a warning and an info do not", () => {
  deepEqual(failing(error), ["disk"]);
  deepEqual(failing({ "status.autocrane.io/disk": "warning/2026-01-31T11:59:00/half full" }), []);
  deepEqual(failing({ "status.autocrane.io/disk": "info/2026-01-31T11:59:00/" }), []);
});

Deno.test("the annotations are judged, not the health label", () => {
  const labelled = apiPod({ ...probe, "status.autocrane.io/disk": "info/2026-01-31T11:59:00/" });
  labelled.metadata!.labels = { "status.autocrane.io/health": "error" };
  deepEqual(failuresOf(readPod(labelled)!, true, noon), []);
});

Deno.test("a status that cannot be read is no failure", () => {
  deepEqual(failing({ "status.autocrane.io/disk": "error" }), []);
  deepEqual(failing({ "status.autocrane.io/disk": "fatal/2026-01-31T11:59:00/x" }), []);
});

Deno.test("a watchdog that is to be reported only is no failure", () => {
  deepEqual(failing({ ...error, "probe-options.autocrane.io/disk": "action=report" }), []);
});

Deno.test("a watchdog whose probe or options cannot be read is no failure", () => {
  deepEqual(failing({ ...error, "probe.autocrane.io/disk": "example.org/" }), []);
  deepEqual(failing({ ...error, "probe-options.autocrane.io/disk": "failures=none" }), []);
});

Deno.test("an error counts until the moment in which it expires", () => {
  const expires = (time: string) => failing({ ...error, "expires.status.autocrane.io/disk": time });
  deepEqual(expires("2026-01-31T12:00:01"), ["disk"]);
  deepEqual(expires("2026-01-31T12:00:00"), []);
  deepEqual(expires("2026-01-31T11:59:59"), []);
});

Deno.test("an expiry that is no time is none", () => {
  deepEqual(failing({ ...error, "expires.status.autocrane.io/disk": "soon" }), ["disk"]);
});

Deno.test("while no prober works, errors of probes count against nobody", () => {
  deepEqual(failing(error, false), []);
});

Deno.test("while no prober works, errors that others posted count as ever", () => {
  deepEqual(failing({ ...error, "status.autocrane.io/app": "error/2026-01-31T11:59:00/stuck" }, false), [
    "app",
  ]);
});

Deno.test("an error that the prober left behind is the prober's even if its probe was removed", () => {
  const orphan = watchdog({ probed: false });
  const left = pod({ watchdogs: [orphan], byProber: ["disk"] });
  deepEqual(failuresOf(left, false, noon), []);
  deepEqual(failuresOf(left, true, noon), [orphan]);
});

Deno.test("each watchdog in error is told", () => {
  deepEqual(failing({ ...error, "status.autocrane.io/app": "error/2026-01-31T11:59:00/stuck" }), [
    "disk",
    "app",
  ]);
});
