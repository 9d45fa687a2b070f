/**
 * What the controllers follow: every kind that the embedded API serves, Events excepted.
 *
 * @module
 */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "../../../../k8s/apps_v1.ts";
import type { KubeClient } from "../../../../k8s/client.ts";
import type { Lease } from "../../../../k8s/coordination_v1.ts";
import type { ConfigMap, Namespace, Node, Pod, Service } from "../../../../k8s/core_v1.ts";
import type { PodDisruptionBudget } from "../../../../k8s/policy_v1.ts";
import { follow, type Followed } from "../../../kube/follow.ts";
import type { Source } from "../../../kube/reflector.ts";
import type { Change, KubeObject } from "../../../kube/store.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import { type Resource, resources } from "../../api/resources.ts";
import { pathOf } from "./paths.ts";

/** The followed kinds, by the name under which the API keeps them. */
export interface Kinds {
  configmaps: ConfigMap;
  namespaces: Namespace;
  nodes: Node;
  pods: Pod;
  services: Service;
  "daemonsets.apps": DaemonSet;
  "deployments.apps": Deployment;
  "replicasets.apps": ReplicaSet;
  "statefulsets.apps": StatefulSet;
  "leases.coordination.k8s.io": Lease;
  "poddisruptionbudgets.policy": PodDisruptionBudget;
}

/** One of the {@link Kinds}. */
export type Kind = keyof Kinds;

/** The resources that are followed. Events own nothing, belong to nobody, and are many. */
export const followed: readonly Resource[] = resources.filter(({ storage }) => storage !== "events");

/** What the watches are made of. */
export interface WatchesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Stores that follow the API server. They say where to look, and are a moment behind: what is there now a
 * controller reads itself.
 */
export class Watches {
  readonly #stores: ReadonlyMap<string, Followed<KubeObject, KubeObject>>;

  constructor({ client, clock, log }: WatchesOptions) {
    this.#stores = new Map(followed.map((resource) => [
      resource.storage,
      follow<KubeObject, KubeObject>({
        what: resource.plural,
        namespaces: ["*"],
        source: () => sourceOf(client, resource),
        trim: (object) => object,
        clock,
        log,
      }),
    ]));
  }

  /** Calls `listener` after each change of an object of this kind. */
  onChange<K extends Kind>(kind: K, listener: (change: Change<Kinds[K]>) => void): void {
    this.#of(kind).store.onChange(listener as (change: Change<KubeObject>) => void);
  }

  /** Calls `listener` after each change of any object, with the resource that it is of. */
  onAnyChange(listener: (resource: Resource, change: Change<KubeObject>) => void): void {
    for (const resource of followed) {
      this.#stores.get(resource.storage)!.store.onChange((change) => listener(resource, change));
    }
  }

  /** The objects of all kinds, each with its resource. */
  *all(): IterableIterator<readonly [Resource, KubeObject]> {
    for (const resource of followed) {
      for (const object of this.#stores.get(resource.storage)!.store.values()) yield [resource, object];
    }
  }

  /** The object of this kind at `namespace/name`. */
  get<K extends Kind>(kind: K, key: string): Kinds[K] | undefined {
    return this.#of(kind).store.get(key) as Kinds[K] | undefined;
  }

  /** The objects of this kind. */
  values<K extends Kind>(kind: K): IterableIterator<Kinds[K]> {
    return this.#of(kind).store.values() as IterableIterator<Kinds[K]>;
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.run(signal)));
  }

  #of(kind: Kind): Followed<KubeObject, KubeObject> {
    return this.#stores.get(kind)!;
  }
}

function sourceOf(client: KubeClient, resource: Resource): Source<KubeObject> {
  const request = { method: "GET", path: pathOf(resource) } as const;
  return {
    list: ({ signal, ...query }) => client.json({ ...request, query: { ...query }, signal }),
    watch: ({ signal, ...query }) => client.watch({ ...request, query: { ...query, watch: true }, signal }),
  };
}
