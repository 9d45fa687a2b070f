/**
 * The containers' logs, for `kubectl logs`.
 *
 * @module
 */
import { badRequest } from "../api/errors.ts";
import type { LogRequest, PodLogs } from "../api/pod_logs.ts";
import type { PodWorker } from "./pod_worker.ts";

/** Reads logs of the pods that `find` finds by their uids. */
export function podLogs(find: (uid: string) => PodWorker | undefined): PodLogs {
  return (request, signal) => {
    const worker = find(request.uid);
    const log = worker?.logOf(request.container, request.previous);
    if (!log) throw badRequest(whyNone(request, worker));
    return log.read(request, signal);
  };
}

/** Why there is no log, in the kubelet's words. */
function whyNone({ container, name, previous }: LogRequest, worker: PodWorker | undefined): string {
  if (previous) return `previous terminated container "${container}" in pod "${name}" not found`;
  const reason = worker?.statusOf(container)?.state?.waiting?.reason ?? "ContainerCreating";
  const why = byReason[reason] ?? reason;
  return `container "${container}" in pod "${name}" is waiting to start: ${why}`;
}

const byReason: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: "trying and failing to pull image",
};
