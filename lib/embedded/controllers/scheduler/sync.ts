/**
 * Binds pods to nodes.
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../../k8s/core_v1.ts";
import { type Event as EventsV1Event, EventsV1Api } from "../../../../k8s/events_v1.ts";
import { isStatus } from "../../../kube/errors.ts";
import { keyOf } from "../../../kube/store.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import { timestamp } from "../../api/objects.ts";
import type { Controller } from "../frame/controller.ts";
import { attempted } from "../frame/events.ts";
import { pathOf } from "../frame/paths.ts";
import type { Watches } from "../frame/watches.ts";
import { kinds } from "../objects/kinds.ts";
import { conditionOf } from "../objects/pods.ts";
import { resourceAt } from "../../api/resources.ts";
import { choose, type Place, placesOf, waitsForNode } from "./choose.ts";

/** What the scheduler is made of. */
export interface SchedulerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Once it aborts, Events that could not be written are no news. */
  readonly signal: AbortSignal;
}

/** Who schedules. */
const scheduler = "default-scheduler";

const podsResource = resourceAt("", "v1", "pods")!;

/** The scheduler's only key. */
const everything = "pods";

/** Finds a node for each pod that waits for one. */
export class Scheduler implements Controller {
  readonly name = "scheduler";
  readonly #client: KubeClient;
  readonly #core: CoreV1Api;
  readonly #events: EventsV1Api;
  readonly #clock: Clock;
  readonly #attempt: Pick<SchedulerOptions, "log" | "signal">;

  constructor({ client, clock, log, signal }: SchedulerOptions) {
    this.#client = client;
    this.#core = new CoreV1Api(client);
    this.#events = new EventsV1Api(client);
    this.#clock = clock;
    this.#attempt = { log, signal };
  }

  watch(watches: Watches, look: (key: string) => void): void {
    watches.onChange("nodes", () => look(everything));
    watches.onChange("pods", ({ before, after }) => {
      const leavesRoom = !after && before?.spec?.nodeName !== undefined;
      if (leavesRoom || after && waitsForNode(after)) look(everything);
    });
  }

  /** Binds the pods that wait, the oldest first: each takes room that the next must not count on. */
  async sync(): Promise<number | undefined> {
    const { items: pods } = await this.#core.getPodListForAllNamespaces();
    const waiting = pods.filter(waitsForNode).sort(byAge);
    if (waiting.length === 0) return undefined;
    const places = placesOf((await this.#core.getNodeList()).items, pods);
    const failures: unknown[] = [];
    for (const pod of waiting) {
      try {
        await this.#place(pod, places);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return undefined;
  }

  async #place(pod: Pod, places: readonly Place[]): Promise<void> {
    const choice = choose(pod, places);
    if ("unschedulable" in choice) return await this.#tellUnschedulable(pod, choice.unschedulable);
    if (await this.#bind(pod, choice.place.node.metadata!.name!)) choice.place.held++;
  }

  /** Whether the pod is bound now by us. */
  async #bind(pod: Pod, node: string): Promise<boolean> {
    const { namespace, name, uid } = pod.metadata!;
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { namespace, name, uid },
      target: { kind: "Node", name: node },
    };
    const path = `${pathOf(podsResource, { namespace, name })}/binding`;
    try {
      await this.#client.json({ method: "POST", path, body: binding });
    } catch (error) {
      // It is bound already, or is about to end: the next change says which.
      if (isStatus(error, 404) || isStatus(error, 409)) return false;
      throw error;
    }
    await this.#say(pod, "Normal", "Scheduled", `Successfully assigned ${keyOf(pod)} to ${node}`);
    return true;
  }

  /** Says it on the pod and in an Event, once for each reason. */
  async #tellUnschedulable(pod: Pod, message: string): Promise<void> {
    const held = conditionOf(pod, "PodScheduled");
    if (held?.reason === "Unschedulable" && held.message === message) return;
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
    const lastTransitionTime = held?.status === "False"
      ? held.lastTransitionTime
      : timestamp(this.#clock.now());
    const said = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      lastTransitionTime,
    };
    const { namespace, name } = pod.metadata!;
    await this.#core.namespace(namespace!).replacePodStatus(name!, {
      ...pod,
      status: { ...pod.status, conditions: [...others, said] },
    });
    await this.#say(pod, "Warning", "FailedScheduling", message);
  }

  async #say({ metadata }: Pod, type: "Normal" | "Warning", reason: string, note: string): Promise<void> {
    const { namespace, name, uid, resourceVersion } = metadata!;
    const event: EventsV1Event = {
      metadata: { name: `${name}.${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`, namespace },
      eventTime: `${new Date(this.#clock.now()).toISOString().slice(0, -1)}000Z`,
      reportingController: scheduler,
      reportingInstance: scheduler,
      action: type === "Normal" ? "Binding" : "Scheduling",
      type,
      reason,
      note: note.slice(0, 1024),
      regarding: { ...kinds.pod, namespace, name, uid, resourceVersion },
    };
    await attempted({ ...this.#attempt, about: name, reason }, async () => {
      await this.#events.namespace(namespace!).createEvent(event);
    });
  }
}

function byAge(a: Pod, b: Pod): number {
  const born = ({ metadata }: Pod) => Date.parse(metadata?.creationTimestamp ?? "") || 0;
  return born(a) - born(b) || (keyOf(a) < keyOf(b) ? -1 : 1);
}
