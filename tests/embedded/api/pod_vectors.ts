/**
 * Pods in many states and what `kubectl get pods` shows of them: also asked of a real API server.
 *
 * @module
 */
import type { ContainerStatus, Pod, PodSpec, PodStatus } from "../../../k8s/core_v1.ts";

/** A pod that is created and then has its status written. */
export interface PodVector {
  readonly what: string;
  readonly spec: PodSpec;
  readonly status: PodStatus;
  /** Whether it is told to end. */
  readonly deleted: boolean;
  /** Ready, Status and Restarts as its row shows them. */
  readonly row: string;
}

const vector = (what: string, spec: PodSpec, status: PodStatus, row: string, deleted = false): PodVector => ({
  what,
  spec,
  status,
  row,
  deleted,
});

const app = { name: "app", image: "app" };
const side = { name: "side", image: "side" };
const one: PodSpec = { containers: [app] };
const two: PodSpec = { containers: [app, side] };
const initialized: PodSpec = {
  containers: [app],
  initContainers: [{ name: "first", image: "i" }, { name: "second", image: "i" }],
};
const withSidecar: PodSpec = { containers: [app], initContainers: [{ ...side, restartPolicy: "Always" }] };

/** When runs began and ended: long ago, so that ages do not change while a test looks. */
const startedAt = "2020-01-01T00:00:00Z";
const finishedAt = "2020-01-02T00:00:00Z";

const status = (name: string, rest: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  image: name,
  imageID: "",
  ready: false,
  restartCount: 0,
  ...rest,
});
const running = (name: string, ready = true): ContainerStatus =>
  status(name, { ready, started: true, state: { running: { startedAt } } });
const ended = (name: string, exitCode: number, rest: object = {}): ContainerStatus =>
  status(name, { state: { terminated: { exitCode, startedAt, finishedAt, ...rest } } });
const waiting = (name: string, reason: string): ContainerStatus =>
  status(name, { state: { waiting: { reason } } });
const done = (name: string) => ended(name, 0, { reason: "Completed" });
const lastState = { terminated: { exitCode: 1, startedAt, finishedAt } };

const ready = [{ type: "Initialized", status: "True" }, { type: "Ready", status: "True" }];
const started = [{ type: "Initialized", status: "True" }];
const phase = (name: string, ...containerStatuses: ContainerStatus[]): PodStatus => ({
  phase: name,
  containerStatuses,
});
const init = (name: string, ...initContainerStatuses: ContainerStatus[]): PodStatus => ({
  ...phase(name, waiting("app", "PodInitializing")),
  initContainerStatuses,
});

const gated = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }];
const simple: PodVector[] = [
  vector("is new", one, { phase: "Pending" }, "0/1 Pending 0"),
  vector("runs", one, phase("Running", running("app")), "1/1 Running 0"),
  vector("runs and is not ready", one, phase("Running", running("app", false)), "0/1 Running 0"),
  vector("is made", one, phase("Pending", waiting("app", "ContainerCreating")), "0/1 ContainerCreating 0"),
  vector("has ended well", one, phase("Succeeded", done("app")), "0/1 Completed 0"),
  vector("has failed", one, phase("Failed", ended("app", 3, { reason: "Error" })), "0/1 Error 0"),
  vector("was ended by a signal", one, phase("Running", ended("app", 137, { signal: 9 })), "0/1 Signal:9 0"),
  vector("ended for no reason", one, phase("Running", ended("app", 4)), "0/1 ExitCode:4 0"),
  vector("was evicted", one, { phase: "Failed", reason: "Evicted" }, "0/1 Evicted 0"),
  vector("waits at a gate", one, { phase: "Pending", conditions: gated }, "0/1 SchedulingGated 0"),
  vector(
    "was restarted",
    one,
    phase("Running", { ...running("app"), restartCount: 3, lastState }),
    "1/1 Running 3 (AGE ago)",
  ),
  vector(
    "was restarted, nobody knows when",
    one,
    phase("Running", { ...running("app"), restartCount: 2 }),
    "1/1 Running 2",
  ),
];

const half = phase("Running", running("app"), done("side"));
const mixed: PodVector[] = [
  vector(
    "has a container that cannot start",
    two,
    phase("Running", running("app"), waiting("side", "CrashLoopBackOff")),
    "1/2 CrashLoopBackOff 0",
  ),
  vector("goes on ready with one container", two, { ...half, conditions: ready }, "1/2 Running 0"),
  vector("goes on with one container", two, half, "1/2 NotReady 0"),
  vector(
    "has one container done and one failed",
    two,
    phase("Failed", done("app"), ended("side", 1, { reason: "Error" })),
    "0/2 Error 0",
  ),
];

const leaving: PodVector[] = [
  vector("is told to end", one, phase("Running", running("app")), "1/1 Terminating 0", true),
  vector(
    "is told to end on a lost node",
    one,
    { ...phase("Running", running("app")), reason: "NodeLost" },
    "1/1 Unknown 0",
    true,
  ),
  vector("has ended and is told to end", one, phase("Succeeded", done("app")), "0/1 Completed 0", true),
];

const crashing = { ...waiting("first", "CrashLoopBackOff"), restartCount: 4, lastState };
const initializing: PodVector[] = [
  vector("is at its first init container", initialized, init("Pending", running("first")), "0/1 Init:0/2 0"),
  vector(
    "is at its second init container",
    initialized,
    init("Pending", done("first"), running("second")),
    "0/1 Init:1/2 0",
  ),
  vector(
    "is past its init containers",
    initialized,
    { ...init("Pending", done("first"), done("second")), conditions: started },
    "0/1 PodInitializing 0",
  ),
  vector(
    "has an init container that fails",
    initialized,
    init("Pending", crashing),
    "0/1 Init:CrashLoopBackOff 4 (AGE ago)",
  ),
  vector("failed at the start", initialized, init("Failed", ended("first", 2)), "0/1 Init:ExitCode:2 0"),
  vector(
    "was ended by a signal at the start",
    initialized,
    init("Failed", ended("first", 143, { signal: 15 })),
    "0/1 Init:Signal:15 0",
  ),
  vector(
    "failed at the start for a reason",
    initialized,
    init("Failed", ended("first", 2, { reason: "Error" })),
    "0/1 Init:Error 0",
  ),
  vector(
    "runs after its init container was restarted",
    initialized,
    {
      ...phase("Running", running("app")),
      initContainerStatuses: [{ ...done("first"), restartCount: 2 }, done("second")],
      conditions: ready,
    },
    "1/1 Running 0",
  ),
];

const beside = (sidecar: ContainerStatus, conditions = ready): PodStatus => ({
  ...phase("Running", running("app")),
  initContainerStatuses: [sidecar],
  conditions,
});
const sidecars: PodVector[] = [
  vector("runs with its sidecar", withSidecar, beside(running("side")), "2/2 Running 0"),
  vector(
    "waits for its sidecar",
    withSidecar,
    init("Pending", { ...running("side", false), started: false }),
    "0/2 Init:0/1 0",
  ),
  vector(
    "has a sidecar that was restarted",
    withSidecar,
    beside({ ...running("side"), restartCount: 5, lastState }),
    "2/2 Running 5 (AGE ago)",
  ),
  vector(
    "runs while its sidecar fails",
    withSidecar,
    beside({ ...waiting("side", "CrashLoopBackOff"), restartCount: 1 }, started),
    "1/2 Init:CrashLoopBackOff 1",
  ),
  vector(
    "is over with its sidecar",
    withSidecar,
    { ...phase("Succeeded", done("app")), initContainerStatuses: [done("side")], conditions: started },
    "0/2 Completed 0",
  ),
];

/** All of them. */
export const podVectors: readonly PodVector[] = [
  ...simple,
  ...mixed,
  ...leaving,
  ...initializing,
  ...sidecars,
];

/** The pod of a vector, as it is kept. */
export function podOf({ spec, status, deleted }: PodVector): Pod {
  const metadata = {
    name: "web",
    creationTimestamp: startedAt,
    ...(deleted && { deletionTimestamp: finishedAt }),
  };
  return { apiVersion: "v1", kind: "Pod", metadata, spec, status };
}

/** Ready, Status and Restarts of a row; the age of the last restart is left open, as it grows. */
export function rowOf(cells: readonly unknown[]): string {
  return cells.slice(1, 4).join(" ").replace(/\(\S+ ago\)/, "(AGE ago)");
}
