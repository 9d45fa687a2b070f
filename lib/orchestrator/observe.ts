/**
 * The orchestrator's view of the cluster: what it follows, and what it makes of it.
 *
 * @module
 */
import type { KubeClient } from "../../k8s/client.ts";
import { CoordinationV1Api, type Lease } from "../../k8s/coordination_v1.ts";
import type { Namespace, Node } from "../../k8s/core_v1.ts";
import { isPaused } from "../contract/workload.ts";
import { follow, type Followed } from "../kube/follow.ts";
import { LeaseObserver, leaseSource, recordOf } from "../kube/lease.ts";
import { type SourceOf, sourcesOver } from "../kube/sources.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Observation } from "./evict/evictor.ts";
import { type JudgedPod, podReader } from "./pod.ts";
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

/** A store of workloads, read by key alone, so that its kind does not matter. */
type FollowedWorkloads = Followed<FollowedWorkload, Workload>;

/** Follows pods, their workloads, nodes and namespaces, and the prober's Lease. */
export class View {
  readonly #options: ViewOptions;
  readonly #prober: LeaseObserver;
  readonly #pods;
  readonly #workloads: ReadonlyMap<string, FollowedWorkloads>;
  readonly #nodes;
  readonly #namespaces;
  readonly #lease;
  #missing = "";

  constructor(options: ViewOptions) {
    const { client, namespaces, proberLease, proberFieldManager, clock, log } = options;
    const sources = sourcesOver(client);
    const all = { namespaces, clock, log };
    this.#options = options;
    this.#pods = follow({ ...all, what: "pods", source: sources.pods, trim: podReader(proberFieldManager) });
    const workloads = <T extends FollowedWorkload>(kind: string, source: SourceOf<T>) => {
      const followed = follow<T, Workload>({ ...all, what: `${kind}s`, source, trim: workloadReader(kind) });
      return [kind, followed as unknown as FollowedWorkloads] as const;
    };
    this.#workloads = new Map([
      workloads("Deployment", sources.deployments),
      workloads("ReplicaSet", sources.replicaSets),
      workloads("StatefulSet", sources.statefulSets),
      workloads("DaemonSet", sources.daemonSets),
    ]);
    this.#nodes = follow({
      clock,
      log,
      namespaces: ["*"],
      what: "nodes",
      source: sources.nodes,
      trim: readNode,
    });
    this.#namespaces = follow({
      ...all,
      what: "namespaces",
      source: sources.namespaces,
      trim: readNamespace,
    });
    this.#prober = new LeaseObserver(clock);
    this.#lease = follow({
      clock,
      log,
      namespaces: ["*"],
      what: `lease ${proberLease.name}`,
      source: () =>
        leaseSource(new CoordinationV1Api(client).namespace(proberLease.namespace), proberLease.name),
      trim: (lease: Lease) => recordOf(lease),
    });
    this.#lease.store.onChange(({ after }) => this.#prober.observe(after));
  }

  /** Resolves when everything was listed once. */
  get synced(): Promise<void> {
    return Promise.all(this.#all().map(({ synced }) => synced)).then(() => {});
  }

  /** Calls back when a pod is seen to be evicted through the API, by whomever. */
  onEviction(listener: (pod: JudgedPod) => void): void {
    this.#pods.store.onChange(({ before, after }) => {
      if (after?.evicted && before?.uid === after.uid && !before.evicted) listener(after);
    });
  }

  /** What is seen now, or why it may be old. */
  observe(): Observation | { readonly stale: string } {
    const behind = this.#all().find((one) => !one.current());
    if (behind) return { stale: behind.trouble() ?? "not everything was listed yet" };
    const find: FindWorkload = (kind, namespace, name) =>
      this.#workloads.get(kind)?.store.get(`${namespace}/${name}`);
    return {
      pods: this.#pods.store.values(),
      workloadOf: (pod) => workloadOf(pod, find),
      nodes: new Map([...this.#nodes.store.values()].map(({ name, ready }) => [name, ready])),
      pausedNamespaces: new Set(
        [...this.#namespaces.store.values()].filter(({ paused }) => paused).map(({ name }) => name),
      ),
      proberWorks: this.#prober.alive,
    };
  }

  /** Says which watched namespaces do not exist, once a change. They are watched all the same. */
  reportMissingNamespaces(): void {
    if (!this.#namespaces.current()) return;
    const { namespaces, log } = this.#options;
    const missing = namespaces.filter((name) =>
      name !== "*" && this.#namespaces.store.get(name) === undefined
    );
    const shown = missing.join(", ");
    if (shown !== this.#missing && shown) {
      log.warn("a watched namespace does not exist", { namespaces: shown });
    }
    this.#missing = shown;
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all().map((one) => one.run(signal)));
  }

  #all(): Pick<FollowedWorkloads, "run" | "synced" | "current" | "trouble">[] {
    return [this.#pods, ...this.#workloads.values(), this.#nodes, this.#namespaces, this.#lease];
  }
}

function readNode({ metadata, status }: Node): { name: string; ready: boolean } {
  const ready = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
  return { name: metadata?.name ?? "", ready };
}

function readNamespace({ metadata }: Namespace): { name: string; paused: boolean } {
  return { name: metadata?.name ?? "", paused: isPaused(metadata?.annotations ?? {}) };
}
