/**
 * A program of which several replicas run and one works.
 *
 * @module
 */
import { CoordinationV1Api } from "../k8s/coordination_v1.ts";
import { EventsV1Api } from "../k8s/events_v1.ts";
import { leaseName, reportingController } from "../lib/contract/programs.ts";
import { Election } from "../lib/kube/election.ts";
import { Recorder } from "../lib/kube/recorder.ts";
import type { Transport } from "../lib/kube/transport.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import type { Log } from "../lib/runtime/log.ts";
import type { Registry } from "../lib/runtime/metrics.ts";
import { type ClusterOptions, connectTo, identity, registryFor } from "./house.ts";

/** One replica: its way to the cluster, its part in the election, its voice. */
export interface Replica {
  readonly registry: Registry;
  /** For reading. */
  readonly client: Transport;
  /** For writing: it refuses when this replica does not lead. A call that fails is not repeated by itself. */
  readonly writer: Transport;
  /** AutoCrane's own namespace, where the Leases are. */
  readonly namespace: string;
  readonly election: Election;
  readonly recorder: Recorder;
}

/** What makes a replica. */
export interface ReplicaOptions {
  readonly mode: keyof typeof leaseName;
  readonly settings: { readonly podNamespace: string; readonly podName: string };
  readonly options: ClusterOptions;
  readonly log: Log;
  /** Told when this replica begins or ceases to lead. */
  readonly changed: (leads: boolean) => void | Promise<void>;
}

/**
 * Finds the cluster and gets ready to take part. Nothing is asked of the API server yet.
 *
 * @throws WrongUse where no cluster is configured
 */
export async function replicaOf({ mode, settings, options, log, changed }: ReplicaOptions): Promise<Replica> {
  const registry = registryFor(mode);
  const connection = await connectTo(mode, options, registry);
  const { client } = connection;
  const namespace = settings.podNamespace || connection.namespace;
  const self = identity(settings.podName);
  const election: Election = new Election({
    // A Lease must not wait behind other calls.
    leases: new CoordinationV1Api(client.with({ limit: undefined, retries: 0 })).namespace(namespace),
    name: leaseName[mode],
    identity: self,
    clock,
    log,
    registry,
    changed,
  });
  const writer = client.with({ mayWrite: () => election.left(), retries: 0 });
  const recorder = new Recorder({
    events: new EventsV1Api(writer.with({ retries: 3 })),
    controller: reportingController(mode),
    instance: self,
    clock,
    log,
    registry,
  });
  return { registry, client, writer, namespace, election, recorder };
}
