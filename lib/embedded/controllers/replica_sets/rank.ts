/**
 * Which pods a ReplicaSet that is too large deletes first.
 *
 * The order is that of Kubernetes' ReplicaSet controller; see "pod-deletion-cost" in its documentation.
 *
 * @module
 */
import type { Pod } from "../../../../k8s/core_v1.ts";
import { isActive, isReady, readySince } from "../objects/pods.ts";

/** What makes it cheaper or dearer to lose a pod than another of its set. */
const costKey = "controller.kubernetes.io/pod-deletion-cost";

/** Says by a number below 0 that `a` goes before `b`. */
type Order = (a: Pod, b: Pod) => number;

/**
 * The pods in the order in which they go.
 *
 * @param related pods of the same Deployment, this set's included: of two nodes, the one with more of them
 * loses
 * @param now milliseconds since 1970
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const orders: readonly Order[] = [
    by((pod) => pod.spec?.nodeName ? 1 : 0),
    by(phaseRank),
    by((pod) => isReady(pod) ? 1 : 0),
    by(deletionCost),
    by((pod) => -onNode(pod, related)),
    byAge((pod) => isReady(pod) ? readySince(pod) : 0, now),
    by((pod) => -restarts(pod)),
    by((pod) => -sidecarRestarts(pod)),
    byAge(({ metadata }) => metadata?.creationTimestamp && Date.parse(metadata.creationTimestamp), now),
  ];
  return [...pods].sort((a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function by(value: (pod: Pod) => number): Order {
  return (a, b) => value(a) - value(b);
}

/**
 * The younger goes first. Ages of the same power of two count as the same, and chance (the uid) decides:
 * otherwise a set that grows and shrinks would always lose its youngest pods, however long all of them have
 * been there.
 */
function byAge(time: (pod: Pod) => number | undefined | "", now: number): Order {
  return (a, b) => {
    const [one, other] = [time(a), time(b)];
    if (one === other) return 0;
    if (!one || !other) return one ? 1 : -1;
    return ageRank(now - one) - ageRank(now - other) || (a.metadata!.uid! < b.metadata!.uid! ? -1 : 1);
  };
}

/** The power of two that an age in nanoseconds reaches. */
function ageRank(ms: number): number {
  return ms > 0 ? Math.floor(Math.log2(ms * 1e6)) : -1;
}

function phaseRank({ status }: Pod): number {
  if (status?.phase === "Running") return 2;
  return status?.phase === "Unknown" ? 1 : 0;
}

function deletionCost({ metadata }: Pod): number {
  const cost = metadata?.annotations?.[costKey] ?? "";
  return /^(0|-?[1-9]\d*)$/.test(cost) ? Number(cost) : 0;
}

function onNode({ spec }: Pod, related: readonly Pod[]): number {
  return related.filter((one) => isActive(one) && one.spec?.nodeName === spec?.nodeName).length;
}

function restarts({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}

function sidecarRestarts({ spec, status }: Pod): number {
  const sidecars = new Set(
    spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  const statuses = status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name)) ?? [];
  return Math.max(0, ...statuses.map(({ restartCount }) => restartCount));
}
