/**
 * A pod in a few words: what `kubectl get pods` says of its containers.
 *
 * @module
 */
import type { ContainerStateTerminated, ContainerStatus, Pod } from "../../../../k8s/core_v1.ts";

/** What a pod's containers amount to. */
export interface PodState {
  /** How many of {@link counted} are ready. */
  readonly ready: number;
  /** Containers and sidecars. */
  readonly counted: number;
  /** `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`... */
  readonly reason: string;
  readonly restarts: number;
  /** When the last run before the present ones ended, milliseconds since 1970. */
  readonly lastEnd: number | undefined;
}

/** What a pod's containers amount to, seen as kubectl's users know it. */
export function stateOf(pod: Pod): PodState {
  const init = initStateOf(pod);
  const main = pod.status?.containerStatuses ?? [];
  const started = init.reason === undefined || hasCondition(pod, "Initialized");
  // Once the pod is initialized, init containers that ran before are history; sidecars run on.
  const restarted = started ? [...init.sidecars, ...main] : init.seen;
  const running = started ? main.filter((one) => one.ready && one.state?.running) : [];
  const before = init.reason ?? phaseReason(pod);
  return {
    ready: init.readySidecars + running.length,
    counted: (pod.spec?.containers.length ?? 0) + sidecarNames(pod).size,
    reason: leaving(pod) ?? (started ? mainReason(pod, before, running.length > 0) : before),
    restarts: restarted.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastEnd: latestEnd(restarted),
  };
}

/** The word for a pod of whose containers nothing is to be said. */
function phaseReason({ status }: Pod): string {
  const gated = status?.conditions?.some((one) =>
    one.type === "PodScheduled" && one.reason === "SchedulingGated"
  );
  return gated ? "SchedulingGated" : status?.reason || status?.phase || "";
}

/** The word for a pod that is told to end; `undefined` for others. */
function leaving({ metadata, status }: Pod): string | undefined {
  if (!metadata?.deletionTimestamp) return undefined;
  if (status?.reason === "NodeLost") return "Unknown";
  return status?.phase === "Succeeded" || status?.phase === "Failed" ? undefined : "Terminating";
}

function sidecarNames({ spec }: Pod): ReadonlySet<string> {
  const sidecars = (spec?.initContainers ?? []).filter((one) => one.restartPolicy === "Always");
  return new Set(sidecars.map((one) => one.name));
}

/** How far a pod's init containers are. */
interface InitState {
  /** Those up to the one that is waited for. */
  readonly seen: readonly ContainerStatus[];
  readonly sidecars: readonly ContainerStatus[];
  readonly readySidecars: number;
  /** What is waited for; unset where nothing is. */
  readonly reason?: string;
}

function initStateOf(pod: Pod): InitState {
  const all = pod.status?.initContainerStatuses ?? [];
  const names = sidecarNames(pod);
  const runs = (one: ContainerStatus) => names.has(one.name) && one.started === true;
  const completed = (one: ContainerStatus) => one.state?.terminated?.exitCode === 0;
  const at = all.findIndex((one) => !completed(one) && !runs(one));
  const seen = at < 0 ? all : all.slice(0, at + 1);
  return {
    seen,
    sidecars: seen.filter((one) => names.has(one.name)),
    readySidecars: seen.filter((one) => runs(one) && !completed(one) && one.ready).length,
    ...(at >= 0 && { reason: initReason(all[at]!, at, pod.spec?.initContainers?.length ?? 0) }),
  };
}

function initReason({ state }: ContainerStatus, index: number, total: number): string {
  if (state?.terminated) return `Init:${endReason(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  return waiting && waiting !== "PodInitializing" ? `Init:${waiting}` : `Init:${index}/${total}`;
}

/** The first container that waits or has ended decides; one that ended well says nothing while others run. */
function mainReason(pod: Pod, before: string, running: boolean): string {
  const statuses = pod.status?.containerStatuses ?? [];
  const reason = statuses.map(containerReason).find((one) => one !== undefined) ?? before;
  if (reason !== "Completed") return reason;
  if (running && hasCondition(pod, "Ready")) return "Running";
  const failed = statuses.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  return failed ? containerReason(failed)! : running ? "NotReady" : reason;
}

function containerReason({ state }: ContainerStatus): string | undefined {
  return state?.waiting?.reason || (state?.terminated && endReason(state.terminated));
}

function endReason({ reason, signal, exitCode }: ContainerStateTerminated): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

function hasCondition({ status }: Pod, type: string): boolean {
  return (status?.conditions ?? []).some((one) => one.type === type && one.status === "True");
}

function latestEnd(statuses: readonly ContainerStatus[]): number | undefined {
  const ends = statuses.map(({ lastState }) => Date.parse(lastState?.terminated?.finishedAt ?? ""));
  const known = ends.filter((one) => !Number.isNaN(one));
  return known.length > 0 ? Math.max(...known) : undefined;
}
