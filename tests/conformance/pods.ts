/**
 * Pods: what of them can be written where.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { node } from "../cluster/support/kubelet.ts";
import { type Expected, refused } from "./api.ts";
import type { Collection } from "./collection.ts";
import { boundPod, nobody, pod, running, startPod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function pods(test: Conformance): void {
  births(test);
  statuses(test);
  bindings(test);
  specs(test);
}

function conditionOf({ status }: Pod, type: string) {
  return status?.conditions?.find((one) => one.type === type);
}

function births(test: Conformance): void {
  test("a new pod is Pending, whatever its status said", async (subject) => {
    const { pods } = await subject.room();
    const { status, metadata } = await pods.create({ ...pod("one"), status: running() });
    deepEqual([status?.phase, status?.conditions], ["Pending", undefined]);
    equal(metadata.generation, 1);
  });

  test("a new pod gets what its spec leaves out", async (subject) => {
    const { pods } = await subject.room();
    const containers = [{ name: "app", image: "app" }];
    const { spec, status } = await pods.create({
      metadata: { name: "one" },
      spec: { containers, schedulerName: "nobody" },
    });
    equal(spec?.restartPolicy, "Always");
    equal(spec?.terminationGracePeriodSeconds, 30);
    equal(spec?.dnsPolicy, "ClusterFirst");
    equal(spec?.nodeName, undefined);
    equal(status?.qosClass, "BestEffort");
  });

  test("a container's probe gets what it leaves out", async (subject) => {
    const { pods } = await subject.room();
    const readinessProbe = { httpGet: { path: "/", port: 8080 } };
    const { spec } = await pods.create(
      pod("one", {}, { containers: [{ name: "app", image: "app", readinessProbe }] }),
    );
    const probe = spec?.containers[0]?.readinessProbe;
    const { timeoutSeconds, periodSeconds, successThreshold, failureThreshold } = probe!;
    deepEqual([timeoutSeconds, periodSeconds, successThreshold, failureThreshold], [1, 10, 1, 3]);
    equal(probe?.httpGet?.scheme, "HTTP");
  });
}

function statuses(test: Conformance): void {
  test("a pod's status is written at its own path only", async (subject) => {
    const { pods } = await subject.room();
    const { metadata } = await startPod(pods, boundPod("one"));
    const ignored = await pods.merge("one", { status: { phase: "Failed" } });
    equal(ignored.status?.phase, "Running");
    equal(ignored.metadata.resourceVersion, metadata.resourceVersion);
    const done = await pods.mergeStatus("one", { status: { phase: "Failed" } });
    equal(done.status?.phase, "Failed");
    equal(done.metadata.generation, 1);
  });

  test("with the status nothing of the spec is written, but labels and annotations are", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one", { a: "1" }));
    const metadata = { labels: { b: "2" }, annotations: { c: "3" } };
    const spec = { nodeName: "elsewhere", terminationGracePeriodSeconds: 1 };
    const after = await pods.mergeStatus("one", { metadata, spec, status: { message: "told" } });
    deepEqual([after.spec?.nodeName, after.spec?.terminationGracePeriodSeconds], [node, 30]);
    deepEqual(after.metadata.labels, { a: "1", b: "2" });
    deepEqual(after.metadata.annotations, { c: "3" });
    equal(after.status?.message, "told");
  });

  test("a whole pod can be put to the path of its status", async (subject) => {
    const { pods } = await subject.room();
    const made = await pods.create(boundPod("one"));
    const path = pods.at("one", "status");
    const put = await subject.api.json<Pod>("PUT", path, { body: { ...made, status: running() } });
    equal(put.status?.phase, "Running");
    equal((await subject.api.json<Pod>("GET", path)).status?.phase, "Running");
    await refused(subject.api.json("PUT", path, { body: { ...made, status: running(false) } }), {
      code: 409,
    });
  });

  test("the status of another uid is refused", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one"));
    await refused(pods.mergeStatus("one", { metadata: { uid: nobody }, status: running() }), {
      code: 422,
      reason: "Invalid",
      field: "metadata.uid",
    });
    equal((await pods.get("one")).status?.phase, "Pending");
  });

  test("a pod's address is also the first of its addresses", async (subject) => {
    const { pods } = await subject.room();
    const { status } = await startPod(pods, boundPod("one"), { ...running(), podIP: "127.9.9.7" });
    deepEqual([status?.podIP, status?.podIPs], ["127.9.9.7", [{ ip: "127.9.9.7" }]]);
  });

  test("a status that says the same leaves the version as it is", async (subject) => {
    const { pods } = await subject.room();
    const { metadata } = await startPod(pods, boundPod("one"));
    const again = await pods.mergeStatus("one", { status: running() });
    equal(again.metadata.resourceVersion, metadata.resourceVersion);
  });
}

function bind(pods: Collection<Pod>, name: string, to: string = node): Promise<{ status?: string }> {
  const body = { metadata: { name }, target: { kind: "Node", name: to } };
  return pods.api.json("POST", pods.at(name, "binding"), { body });
}

function bindings(test: Conformance): void {
  test("a binding gives a pod its node and says that it is scheduled", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(pod("one"));
    equal((await bind(pods, "one")).status, "Success");
    const bound = await pods.get("one");
    equal(bound.spec?.nodeName, node);
    equal(conditionOf(bound, "PodScheduled")?.status, "True");
    equal(bound.metadata.generation, 1);
  });

  test("a pod is bound once", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(pod("one"));
    await bind(pods, "one");
    await refused(bind(pods, "one", "elsewhere"), {
      code: 409,
      reason: "Conflict",
      says: new RegExp(`pod one is already assigned to node "${node}"`),
    });
  });

  test("what is not there cannot be bound", async (subject) => {
    const { pods } = await subject.room();
    await refused(bind(pods, "one"), { code: 404, reason: "NotFound" });
  });

  test("a pod can be created bound", async (subject) => {
    const { pods } = await subject.room();
    equal((await pods.create(boundPod("one"))).spec?.nodeName, node);
  });
}

function specs(test: Conformance): void {
  const whole: Expected = {
    code: 422,
    reason: "Invalid",
    says: /^Pod "one" is invalid: spec: Forbidden: pod updates may not change fields other than/,
    field: "spec",
    cause: "FieldValueForbidden",
  };
  const changes: [string, Parameters<Collection<Pod>["patch"]>[1], Expected][] = [
    ["its node", [{ op: "replace", path: "/spec/nodeName", value: "elsewhere" }], whole],
    ["its restart policy", [{ op: "replace", path: "/spec/restartPolicy", value: "Never" }], whole],
    ["a container's command", [{ op: "add", path: "/spec/containers/0/command", value: ["true"] }], whole],
    ["its grace", [{ op: "replace", path: "/spec/terminationGracePeriodSeconds", value: 5 }], whole],
    [
      "the number of its containers",
      [{ op: "add", path: "/spec/containers/-", value: { name: "side", image: "side" } }],
      {
        code: 422,
        reason: "Invalid",
        says: /pod updates may not add or remove containers/,
        field: "spec.containers",
      },
    ],
  ];
  for (const [what, operations, expected] of changes) {
    test(`a pod's spec stays: ${what} cannot be changed`, async (subject) => {
      const { pods } = await subject.room();
      const before = await pods.create(boundPod("one"));
      await refused(pods.patch("one", operations), expected);
      deepEqual(await pods.get("one"), before);
    });
  }

  test("a container's image can be changed, which makes another generation", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one"));
    const path = "/spec/containers/0/image";
    const { spec, metadata } = await pods.patch("one", [{ op: "replace", path, value: "app:2" }]);
    deepEqual([spec?.containers[0]?.image, metadata.generation], ["app:2", 2]);
  });

  test("labels and annotations of a running pod can be changed", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one", { app: "web" }));
    const metadata = { labels: { app: null, tier: "back" }, annotations: { note: "1" } };
    const after = await pods.merge("one", { metadata });
    deepEqual(after.metadata.labels, { tier: "back" });
    deepEqual(after.metadata.annotations, { note: "1" });
    equal(after.metadata.generation, 1);
    ok(after.status?.phase === "Running");
  });
}
