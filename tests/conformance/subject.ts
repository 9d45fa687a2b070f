/**
 * What the tests of conformance are run against: a cluster of any make.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../k8s/apps_v1.ts";
import type { Lease } from "../../k8s/coordination_v1.ts";
import type { ConfigMap, Event, Namespace, Pod } from "../../k8s/core_v1.ts";
import type { Event as NewEvent } from "../../k8s/events_v1.ts";
import type { PodDisruptionBudget } from "../../k8s/policy_v1.ts";
import { fixedCredentials } from "../../lib/kube/credentials.ts";
import { Transport } from "../../lib/kube/transport.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { Kubelet } from "../cluster/support/kubelet.ts";
import { Api, type Way } from "./api.ts";
import { Collection } from "./collection.ts";

/** What differs from one make of cluster to another. */
export interface Make extends Way {
  /** Forgets the past, so that older versions of Events can neither be listed nor watched from. */
  readonly compact: () => Promise<void>;
  /** Waits until pods can be created in a new namespace. */
  readonly settled: (namespace: string) => Promise<void>;
}

/** Declares a test that any cluster must pass. */
export type Conformance = (name: string, body: (subject: Subject) => Promise<void>) => void;

/** A cluster. */
export class Subject {
  readonly api: Api;
  readonly #make: Make;
  readonly #client: Transport;
  #namespaces = 0;

  constructor(make: Make) {
    this.#make = make;
    this.api = new Api(make);
    this.#client = new Transport({
      access: {
        server: make.server,
        ca: () => Promise.resolve(make.ca),
        credentials: fixedCredentials({ authorization: `Bearer ${make.token}` }),
        namespace: "default",
      },
      clock: systemClock,
      userAgent: "kubelet",
    });
  }

  /** Adds the node to which pods are bound. */
  async prepare(): Promise<void> {
    await using kubelet = new Kubelet(this.#client);
    await kubelet.addNode();
  }

  /** A namespace that no other test uses. */
  async room(): Promise<Room> {
    const name = `room-${++this.#namespaces}`;
    await this.namespaces.create({ metadata: { name } });
    await this.#make.settled(name);
    return new Room(this.api, name);
  }

  get namespaces(): Collection<Namespace> {
    return new Collection(this.api, "/api/v1/namespaces");
  }

  /** From now on, while it is not disposed of, pods are bound, run and end as they are told. */
  runPods(): Kubelet {
    return new Kubelet(this.#client);
  }

  /** Forgets the past. */
  compact(): Promise<void> {
    return this.#make.compact();
  }

  /** Closes the connections. */
  close(): void {
    this.#client.close();
    this.api.close();
  }
}

/** What is in one namespace. */
export class Room {
  readonly namespace: string;
  readonly maps: Collection<ConfigMap>;
  readonly pods: Collection<Pod>;
  readonly events: Collection<Event>;
  /** The same Events as those of another group know them. */
  readonly newEvents: Collection<NewEvent>;
  readonly deployments: Collection<Deployment>;
  readonly replicaSets: Collection<ReplicaSet>;
  readonly budgets: Collection<PodDisruptionBudget>;
  readonly leases: Collection<Lease>;

  constructor(api: Api, namespace: string) {
    const at = (root: string, plural: string) => `${root}/namespaces/${namespace}/${plural}`;
    this.namespace = namespace;
    this.maps = new Collection(api, at("/api/v1", "configmaps"));
    this.pods = new Collection(api, at("/api/v1", "pods"));
    this.events = new Collection(api, at("/api/v1", "events"));
    this.newEvents = new Collection(api, at("/apis/events.k8s.io/v1", "events"));
    this.deployments = new Collection(api, at("/apis/apps/v1", "deployments"));
    this.replicaSets = new Collection(api, at("/apis/apps/v1", "replicasets"));
    this.budgets = new Collection(api, at("/apis/policy/v1", "poddisruptionbudgets"));
    this.leases = new Collection(api, at("/apis/coordination.k8s.io/v1", "leases"));
  }
}
