import { deepEqual, equal } from "node:assert/strict";
import type { Pod, PodStatus } from "../../../k8s/core_v1.ts";
import { planOf } from "../../../lib/embedded/node/plan.ts";
import { podStatus, statusPatch, type StatusSources } from "../../../lib/embedded/node/pod_status.ts";
import { container, is, podWith, type Shown, sidecar, viewOf } from "./build.ts";

const noon = Date.parse("2026-01-31T12:00:00Z");

function statusOf(pod: Pod, shown: Record<string, Shown>, more: Partial<StatusSources> = {}): PodStatus {
  const plan = planOf(pod);
  return podStatus({
    pod,
    plan,
    view: viewOf(plan, shown),
    over: false,
    prepared: true,
    address: "127.9.9.2",
    hostIP: "127.9.9.1",
    seenAt: noon,
    before: undefined,
    now: noon + 1500,
    ...more,
  });
}

/** A pod's conditions in short: `Ready=False ContainersNotReady: containers with unready status: [app]`. */
function conditions({ conditions = [] }: PodStatus): Record<string, string> {
  return Object.fromEntries(conditions.map(({ type, status, reason, message }) => {
    return [type, [status, reason && ` ${reason}`, message && `: ${message}`].join("")];
  }));
}

const full = podWith({
  initContainers: [container("init"), sidecar("proxy")],
  containers: [container("app"), container("helper")],
});

Deno.test("a pod that has just come waits for everything, in the words of the kubelet", () => {
  const status = statusOf(full, {}, { prepared: false, address: undefined });
  deepEqual(conditions(status), {
    PodReadyToStartContainers: "False",
    Initialized: "False ContainersNotInitialized: containers with incomplete status: [init proxy]",
    Ready: "False ContainersNotReady: containers with unready status: [proxy app helper]",
    ContainersReady: "False ContainersNotReady: containers with unready status: [proxy app helper]",
    PodScheduled: "True",
  });
  equal(status.podIP, undefined);
  deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: "PodInitializing" } });
  const single = statusOf(podWith(), {});
  deepEqual(single.containerStatuses?.[0]?.state, { waiting: { reason: "ContainerCreating" } });
});

Deno.test("a pod whose containers are ready is ready", () => {
  const shown = { init: is.ended(0), proxy: is.running, app: is.running, helper: is.running };
  const status = statusOf(full, shown);
  deepEqual(conditions(status), {
    PodReadyToStartContainers: "True",
    Initialized: "True",
    Ready: "True",
    ContainersReady: "True",
    PodScheduled: "True",
  });
  deepEqual(status.podIPs, [{ ip: "127.9.9.2" }]);
  deepEqual(status.initContainerStatuses?.map(({ ready, started }) => [ready, started]), [[true, false], [
    true,
    true,
  ]]);
});

Deno.test("a sidecar that is down makes the pod unready, not uninitialized", () => {
  const shown = { init: is.ended(0), proxy: is.ended(1), app: is.running, helper: is.running };
  const told = conditions(statusOf(full, shown));
  equal(told.Initialized, "True");
  equal(told.Ready, "False ContainersNotReady: containers with unready status: [proxy]");
});

Deno.test("a readiness gate must be met by whoever sets its condition", () => {
  const type = "example.com/warm";
  const gated = (status?: string) => {
    const pod = podWith({ readinessGates: [{ conditionType: type }] });
    return { ...pod, status: status ? { conditions: [{ type, status }] } : {} };
  };
  const ready = (pod: Pod) => conditions(statusOf(pod, { app: is.running })).Ready;
  equal(
    ready(gated()),
    `False ReadinessGatesNotReady: corresponding condition of pod readiness gate "${type}" does not exist.`,
  );
  equal(
    ready(gated("False")),
    `False ReadinessGatesNotReady: the status of pod readiness gate "${type}" is not "True", but False`,
  );
  equal(ready(gated("True")), "True");
});

Deno.test("a pod that is through says so", () => {
  const done = (code: number) =>
    conditions(statusOf(podWith({ restartPolicy: "Never" }), { app: is.ended(code) }));
  equal(done(0).Initialized, "True PodCompleted");
  equal(done(0).Ready, "False PodCompleted");
  equal(done(1).ContainersReady, "False PodFailed");
});

Deno.test("a condition's time is that of its last change, also of one that was there before us", () => {
  const old = "2026-01-31T11:00:00Z";
  const bound = {
    ...podWith(),
    status: { conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: old }] },
  };
  const first = statusOf(bound, {});
  const second = statusOf(bound, { app: is.running }, { before: first, now: noon + 9000 });
  const times = Object.fromEntries(second.conditions!.map((one) => [one.type, one.lastTransitionTime]));
  deepEqual(times, {
    PodReadyToStartContainers: "2026-01-31T12:00:01Z",
    Initialized: "2026-01-31T12:00:01Z",
    Ready: "2026-01-31T12:00:09Z",
    ContainersReady: "2026-01-31T12:00:09Z",
    PodScheduled: old,
  });
});

Deno.test("a container that crashed shows how long it waits, and how it ended", () => {
  const { containerStatuses } = statusOf(podWith(), { app: { state: is.ended(3, 80_000), restarts: 4 } });
  const terminated = {
    exitCode: 3,
    reason: "Error",
    startedAt: "1970-01-01T00:00:00Z",
    finishedAt: "1970-01-01T00:00:01Z",
    containerID: "process://1",
  };
  deepEqual(containerStatuses, [{
    name: "app",
    image: "web:1",
    imageID: "",
    ready: false,
    started: false,
    restartCount: 4,
    state: {
      waiting: {
        reason: "CrashLoopBackOff",
        message: "back-off 1m20s restarting failed container=app pod=web_shop(web-uid)",
      },
    },
    lastState: { terminated },
    containerID: "process://1",
  }]);
});

Deno.test("when nothing is started any more, a crash is an end and no wait", () => {
  const { containerStatuses } = statusOf(podWith(), { app: is.ended(3, 80_000) }, { over: true });
  equal(containerStatuses?.[0]?.state?.terminated?.exitCode, 3);
});

Deno.test("a patch takes away what a condition no longer says", () => {
  const before = [{ type: "Ready", status: "False", reason: "ContainersNotReady", message: "no" }];
  const now = { conditions: [{ type: "Ready", status: "True" }, { type: "Initialized", status: "True" }] };
  deepEqual(statusPatch(now, before).conditions, [
    { type: "Ready", status: "True", reason: null, message: null },
    { type: "Initialized", status: "True" },
  ]);
});
