/**
 * What kube-controller-manager and kube-scheduler do in a cluster, as far as the embedded one has it.
 *
 * StatefulSets and DaemonSets have no controller here.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { StaleDisruptions } from "./budgets/stale.ts";
import { Budgets } from "./budgets/sync.ts";
import { Deployments } from "./deployments/sync.ts";
import type { Controller } from "./frame/controller.ts";
import { EventWriter } from "./frame/events.ts";
import { namedClient } from "./frame/named_client.ts";
import { Watches } from "./frame/watches.ts";
import { WorkQueue } from "./frame/work_queue.ts";
import { GarbageCollector } from "./garbage/sync.ts";
import { ReplicaSets } from "./replica_sets/sync.ts";
import { Scheduler } from "./scheduler/sync.ts";
import { Namespaces } from "./upkeep/namespaces.ts";
import { removeOldEvents } from "./upkeep/old_events.ts";

/** What the controllers need. */
export interface ControllersOptions {
  /** Who may do everything. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs the controllers until the signal aborts. What fails is logged and tried again; it never rejects, and
 * when it resolves nothing of it is under way.
 */
export async function runControllers(options: ControllersOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  const client = namedClient(options.client, "kube-controller-manager", signal);
  const watches = new Watches({ client, clock, log });
  const queues = controllersOver(options, client, signal).map((controller) => {
    const queue = new WorkQueue({
      name: controller.name,
      sync: (key) => controller.sync(key),
      clock,
      log,
    });
    controller.watch(watches, (key) => queue.add(key));
    return queue;
  });
  await Promise.all([
    watches.run(signal),
    removeOldEvents({ client, clock, log }, signal),
    ...queues.map((queue) => queue.run(signal)),
  ]);
}

function controllersOver(
  { client: unnamed, clock, log }: ControllersOptions,
  client: KubeClient,
  signal: AbortSignal,
): Controller[] {
  const eventsBy = (component: string) => new EventWriter({ client, component, clock, log, signal });
  return [
    new Deployments({ client, events: eventsBy("deployment-controller"), clock }),
    new ReplicaSets({ client, events: eventsBy("replicaset-controller"), clock }),
    new Scheduler({ client: namedClient(unnamed, "kube-scheduler", signal), clock, log, signal }),
    new Budgets({ client, events: eventsBy("controllermanager"), clock }),
    new StaleDisruptions({ client, clock }),
    new GarbageCollector({ client }),
    new Namespaces({ client }),
  ];
}
