/**
 * One namespace as the rollout decision sees it, made of what the orchestrator follows.
 *
 * @module
 */
import { normalStoreUrl } from "../../contract/data.ts";
import type { Catalogue } from "../../contract/data_catalogue.ts";
import type { PodUid } from "../../contract/ids.ts";
import type { Instant } from "../../contract/time.ts";
import { failuresOf, type JudgedPod } from "../pod.ts";
import type { Workload } from "../workload.ts";
import type { DataFacts } from "./facts.ts";
import type { DataPod, GonePod, RolloutModel } from "./model.ts";

/** What the rollouts see of the cluster. */
export interface DataObservation {
  /** The pods that data concerns. */
  readonly pods: Iterable<JudgedPod>;
  readonly workloadOf: (pod: JudgedPod) => Workload | undefined;
  readonly pausedNamespaces: ReadonlySet<string>;
  readonly proberWorks: boolean;
}

/** Who wants to know of what rollouts hang on. */
export interface DataListener {
  /** Something changed in a namespace. */
  changed(namespace: string): void;
  /** A pod that data concerned is there no longer. */
  lostPod(pod: JudgedPod): void;
}

/** What an observer is made of. */
export interface ObserverOptions {
  readonly observe: () => DataObservation | { readonly stale: string };
  readonly catalogue: () => Catalogue | undefined;
  /** The repository that is asked; pods of another one are not managed. */
  readonly repositoryUrl: string;
}

/** Most pods that were evicted or are gone of which that is remembered: the newest. */
const mostRemembered = 2_000;

/** Adds to what is remembered, and forgets the oldest where that is too much. */
function remember<K>(all: Pick<Map<K, unknown>, "size" | "keys" | "delete">, key: K, add: () => void): void {
  all.delete(key);
  add();
  const [oldest] = all.keys();
  if (all.size > mostRemembered) all.delete(oldest!);
}

/** Makes models of namespaces, and remembers what no list shows any more. */
export class DataObserver {
  readonly #options: ObserverOptions;
  readonly #repository: string | undefined;
  readonly #evicted = new Set<PodUid>();
  /** The oldest first. */
  readonly #gone = new Map<PodUid, GonePod & { readonly namespace: string }>();

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#repository = normalStoreUrl(options.repositoryUrl);
  }

  /** Notes that AutoCrane had a pod evicted. */
  evicted(uid: PodUid): void {
    const gone = this.#gone.get(uid);
    if (gone) this.#gone.set(uid, { ...gone, why: "evicted" });
    else remember(this.#evicted, uid, () => this.#evicted.add(uid));
  }

  /** Notes that a pod is there no longer. */
  lostPod({ uid, name, namespace }: JudgedPod): void {
    const why = this.#evicted.delete(uid) ? "evicted" : "other";
    remember(this.#gone, uid, () => this.#gone.set(uid, { uid, name, namespace, why }));
  }

  /** Whether a pod is of another repository than the one that is asked. */
  isElsewhere({ url }: Pick<DataFacts, "url">): boolean {
    return url !== this.#repository;
  }

  /** The namespaces in which data concerns any pod. */
  namespaces(): Set<string> {
    const seen = this.#options.observe();
    return new Set("stale" in seen ? [] : [...seen.pods].map(({ namespace }) => namespace));
  }

  /** One namespace now, and its pods as they were read; or why what is seen may be old. */
  look(namespace: string, now: Instant): Look | { readonly stale: string } {
    const seen = this.#options.observe();
    if ("stale" in seen) return seen;
    const pods = [...seen.pods].filter((pod) => pod.namespace === namespace);
    const model = {
      namespace,
      paused: seen.pausedNamespaces.has(namespace),
      pods: pods.map((pod) => this.#read(pod, pod.data!, seen, now)),
      gone: [...this.#gone.values()].filter((one) => one.namespace === namespace),
      catalogue: this.#options.catalogue(),
    };
    return { model, pods, workloadOf: seen.workloadOf };
  }

  #read(pod: JudgedPod, facts: DataFacts, seen: DataObservation, now: Instant): DataPod {
    const workload = seen.workloadOf(pod);
    const failing = failuresOf(pod, seen.proberWorks, now).map(({ name }) => name);
    const { uid, name, node, canFail, ready, terminating, finished } = pod;
    const { deployments, deps, requests, statuses, restarts, restartedAt, crashing } = facts;
    return {
      uid,
      name,
      node,
      workload,
      deployments,
      deps,
      otherRepository: this.isElsewhere(facts),
      requests,
      statuses,
      ready,
      restarts,
      ...(restartedAt !== undefined && { restartedAt }),
      crashing,
      watched: canFail,
      failing,
      // Who takes over did not ask for its predecessor's evictions; a drain evicts pods that are well.
      evicted: this.#evicted.has(uid) || (pod.evicted && failing.length > 0),
      terminating,
      finished,
      paused: pod.paused || (workload?.paused ?? false),
    };
  }
}

/** A namespace at one moment. */
export interface Look {
  readonly model: RolloutModel;
  /** The same pods, as they were read. */
  readonly pods: readonly JudgedPod[];
  readonly workloadOf: (pod: JudgedPod) => Workload | undefined;
}
