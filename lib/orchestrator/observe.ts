/**
 * The orchestrator's view of the cluster: what it follows, and what it makes of it.
 *
 * @module
 */
import type { KubeClient } from "../../k8s/client.ts";
import { CoordinationV1Api, type Lease } from "../../k8s/coordination_v1.ts";
import type { Namespace, Node, Pod } from "../../k8s/core_v1.ts";
import { isPaused } from "../contract/workload.ts";
import { follow, type FollowedView } from "../kube/follow.ts";
import { LeaseObserver, leaseSource, recordOf } from "../kube/lease.ts";
import { MissingNamespaces } from "../kube/missing_namespaces.ts";
import { type SourceOf, sourcesOver } from "../kube/sources.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Observation } from "./evict/evictor.ts";
import { type JudgedPod, podReader } from "./pod.ts";
import type { DataListener, DataObservation } from "./rollout/observe.ts";
import {
  type FindWorkload,
  type FollowedWorkload,
  type Workload,
  workloadOf,
  workloadReader,
} from "./workload.ts";

/** What the view is made of. */
export interface ViewOptions {
  readonly client: KubeClient;
  /** The namespaces that are watched; a single `*` is all. */
  readonly namespaces: readonly string[];
  /** Where the prober's Lease is, and what it is called. */
  readonly proberLease: { readonly namespace: string; readonly name: string };
  readonly proberFieldManager: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who wants to know of pods as they are seen. */
export interface PodListener {
  /** A pod came into sight. */
  sawPod(pod: JudgedPod): void;
  /**
   * A pod that was in sight was evicted through the API, by whomever.
   *
   * @param inOrder whether all pods that came before the eviction were seen before it, and no other
   */
  sawEviction(pod: JudgedPod, inOrder: boolean): void;
}

/** A store of workloads, read by key alone, so that its kind does not matter. */
type FollowedWorkloads = FollowedView<Workload>;

/** Follows pods, their workloads, nodes and namespaces, and the prober's Lease. */
export class View {
  readonly #prober: LeaseObserver;
  readonly #pods;
  readonly #workloads: ReadonlyMap<string, FollowedWorkloads>;
  readonly #nodes;
  readonly #namespaces;
  readonly #lease;
  readonly #missing: MissingNamespaces;

  constructor(options: ViewOptions) {
    const { client, namespaces, proberFieldManager, clock, log } = options;
    const { pods, nodes, namespaces: spaces } = sourcesOver(client);
    const watched = { namespaces, clock, log };
    const everywhere = { ...watched, namespaces: ["*"] };
    this.#pods = follow({ ...watched, what: "pods", source: pods, trim: podReader(proberFieldManager) });
    this.#workloads = followWorkloads(options);
    this.#nodes = follow({ ...everywhere, what: "nodes", source: nodes, trim: readNode });
    this.#namespaces = follow({ ...watched, what: "namespaces", source: spaces, trim: readNamespace });
    this.#missing = new MissingNamespaces({ namespaces, log });
    this.#prober = new LeaseObserver(clock);
    this.#lease = followLease(options);
    this.#lease.store.onChange(({ after }) => this.#prober.observe(after));
  }

  /** Resolves when everything was listed once. */
  get synced(): Promise<void> {
    return Promise.all(this.#all().map(({ synced }) => synced)).then(() => {});
  }

  /** Tells of pods as they are seen, also while other things are not. */
  tell(listener: PodListener): void {
    this.#pods.store.onChange(({ before, after }) => {
      if (!after?.watched) return;
      const known = before?.uid === after.uid && before.watched;
      if (!known) listener.sawPod(after);
      else if (after.evicted && !before.evicted) {
        // A list shows what happened in any order.
        listener.sawEviction(after, this.#pods.current());
      }
    });
  }

  /** Tells of what data rollouts hang on, as it is seen. */
  tellOfData(listener: DataListener): void {
    this.#pods.store.onChange(({ before, after }) => {
      if (before?.data && before.uid !== after?.uid) listener.lostPod(before);
      if (before?.data || after?.data) listener.changed((after ?? before)!.namespace);
    });
    this.#namespaces.store.onChange(({ before, after }) => {
      if (isPauseNews(before, after)) listener.changed((after ?? before)!.name);
    });
    for (const { store } of this.#workloads.values()) {
      store.onChange(({ before, after }) => {
        if (isPauseNews(before, after)) listener.changed((after ?? before)!.namespace);
      });
    }
  }

  /** What is seen now, or why it may be old. */
  observe(): Observation | { readonly stale: string } {
    const stale = this.#stale();
    return stale ?? {
      ...this.#seen(),
      pods: [...this.#pods.store.values()].filter(({ watched }) => watched),
      nodes: new Map([...this.#nodes.store.values()].map(({ name, ready }) => [name, ready])),
    };
  }

  /** What is seen of data now, or why it may be old. */
  observeData(): DataObservation | { readonly stale: string } {
    return this.#stale() ??
      { ...this.#seen(), pods: [...this.#pods.store.values()].filter(({ data }) => data !== undefined) };
  }

  /** A pod as it is seen now. */
  podAt(namespace: string, name: string): JudgedPod | undefined {
    return this.#pods.store.get(`${namespace}/${name}`);
  }

  /** Takes a pod as the answer to our own write shows it. */
  wrote(pod: Pod): void {
    this.#pods.store.written(pod);
  }

  #stale(): { readonly stale: string } | undefined {
    const behind = this.#all().find((one) => !one.current());
    return behind && { stale: behind.trouble() ?? "not everything was listed yet" };
  }

  #seen(): Pick<Observation, "workloadOf" | "pausedNamespaces" | "proberWorks"> {
    const find: FindWorkload = (kind, namespace, name) =>
      this.#workloads.get(kind)?.store.get(`${namespace}/${name}`);
    return {
      workloadOf: (pod) => workloadOf(pod, find),
      pausedNamespaces: new Set(
        [...this.#namespaces.store.values()].filter(({ paused }) => paused).map(({ name }) => name),
      ),
      proberWorks: this.#prober.alive,
    };
  }

  /** Says which watched namespaces do not exist, once a change. They are watched all the same. */
  reportMissingNamespaces(): void {
    if (!this.#namespaces.current()) return;
    this.#missing.report((name) => this.#namespaces.store.get(name) !== undefined);
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all().map((one) => one.run(signal)));
  }

  #all(): Pick<FollowedWorkloads, "run" | "synced" | "current" | "trouble">[] {
    return [this.#pods, ...this.#workloads.values(), this.#nodes, this.#namespaces, this.#lease];
  }
}

/** Whether somebody has paused it, or it goes on. */
function isPauseNews(
  before: { readonly paused: boolean } | undefined,
  after: { readonly paused: boolean } | undefined,
): boolean {
  return (before?.paused ?? false) !== (after?.paused ?? false);
}

function followWorkloads({ client, namespaces, clock, log }: ViewOptions): Map<string, FollowedWorkloads> {
  const sources = sourcesOver(client);
  const workloads = <T extends FollowedWorkload>(
    kind: string,
    source: SourceOf<T>,
  ): [string, FollowedWorkloads] => {
    const trim = workloadReader(kind);
    const followed = follow<T, Workload>({ namespaces, clock, log, what: `${kind}s`, source, trim });
    return [kind, followed];
  };
  return new Map([
    workloads("Deployment", sources.deployments),
    workloads("ReplicaSet", sources.replicaSets),
    workloads("StatefulSet", sources.statefulSets),
    workloads("DaemonSet", sources.daemonSets),
  ]);
}

function followLease({ client, proberLease: { namespace, name }, clock, log }: ViewOptions) {
  return follow({
    clock,
    log,
    namespaces: ["*"],
    what: `lease ${name}`,
    source: () => leaseSource(new CoordinationV1Api(client).namespace(namespace), name),
    trim: (lease: Lease) => recordOf(lease),
  });
}

function readNode({ metadata, status }: Node): { name: string; ready: boolean } {
  const ready = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
  return { name: metadata?.name ?? "", ready };
}

function readNamespace({ metadata }: Namespace): { name: string; paused: boolean } {
  return { name: metadata?.name ?? "", paused: isPaused(metadata?.annotations ?? {}) };
}
