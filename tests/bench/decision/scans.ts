/**
 * Times whole scans of a stand-by: the model made from the caches, strikes, storms, and the decision about every
 * failing pod. It neither acts nor speaks, so that no API server is timed.
 *
 * Arguments: how many pods, how many scans.
 *
 * @module
 */
import type { ReplicaSet } from "../../../k8s/apps_v1.ts";
import type { Pod } from "../../../k8s/core_v1.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { Store } from "../../../lib/kube/store.ts";
import { Evictor } from "../../../lib/orchestrator/evict/evictor.ts";
import { Explainer } from "../../../lib/orchestrator/evict/explain.ts";
import { type JudgedPod, podReader } from "../../../lib/orchestrator/pod.ts";
import { type Workload, workloadOf, workloadReader } from "../../../lib/orchestrator/workload.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { limits } from "../../orchestrator/build.ts";
import { answer } from "../child.ts";
import { replicas, runningPod } from "../pods.ts";
import { silentLog as log } from "../../support/silent_log.ts";

/** One pod of so many fails. */
const failingEvery = 50;

/** The n-th pod as the API server shows it; some fail. */
function podOf(n: number): Pod {
  const pod = runningPod(n, "127.0.0.1", 8080);
  if (n % failingEvery === 0) {
    pod.metadata!.annotations!["status.autocrane.io/http"] = "error/2026-01-31T12:00:00/HTTP 500";
  }
  return pod;
}

/** The ReplicaSet that keeps a pod. */
function replicaSetOf({ metadata }: Pod): ReplicaSet {
  const { name, uid } = metadata!.ownerReferences![0]!;
  return {
    metadata: { name, namespace: metadata!.namespace, uid },
    spec: { replicas, selector: {} },
    status: { replicas, readyReplicas: replicas },
  };
}

function evictorOf(count: number): Evictor {
  const pods = new Store<Pod, JudgedPod>(podReader(fieldManager.watchdogprober));
  const replicaSets = new Store<ReplicaSet, Workload>(workloadReader("ReplicaSet"));
  for (let n = 0; n < count; n++) {
    const pod = podOf(n);
    pods.upsert(pod);
    if (n % replicas === 0) replicaSets.upsert(replicaSetOf(pod));
  }
  const registry = new Registry();
  return new Evictor({
    observe: () => ({
      pods: pods.values(),
      workloadOf: (pod) => workloadOf(pod, (_, namespace, name) => replicaSets.get(`${namespace}/${name}`)),
      nodes: new Map([["node-1", true]]),
      pausedNamespaces: new Set(),
      proberWorks: true,
    }),
    evict: () => Promise.reject(new Error("a stand-by evicts nothing")),
    leads: () => false,
    limits,
    explainer: new Explainer({ recorder: { record: () => {} }, log, registry }),
    clock,
    log,
    registry,
  });
}

const [count, scans] = Deno.args.map(Number);
const evictor = evictorOf(count!);
answer(async () => {
  const times: number[] = [];
  for (let scan = 0; scan < scans!; scan++) {
    const began = performance.now();
    await evictor.scan();
    times.push(performance.now() - began);
  }
  return times;
});
