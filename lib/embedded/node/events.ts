/**
 * The Events (core/v1) that `kubectl describe pod` shows, as a kubelet writes them.
 *
 * @module
 */
import type { CoreV1Api, Event, ObjectReference, Pod } from "../../../k8s/core_v1.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { oneLine } from "../../runtime/one_line.ts";
import { timeOf } from "./container_status.ts";
import type { ContainerPlan } from "./plan.ts";

/** What happened. */
export interface Happening {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** One Event, and how often it happened. */
interface Entry {
  readonly event: Event;
  count: number;
  lastAt: number;
  /** The API has it. */
  written: boolean;
}

/** How many Events are remembered, so that the next of the same kind is counted and not written anew. */
const remembered = 2000;

/** The longest message, UTF-16 units. */
const longest = 1000;

/** Writes Events in the background; what happens again is counted. One that cannot be written is dropped. */
export class NodeEvents {
  readonly #core: CoreV1Api;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Set<Entry>();
  #work: Promise<void> | undefined;
  #named = 0;

  constructor({ core, node, clock, log }: { core: CoreV1Api; node: string; clock: Clock; log: Log }) {
    this.#core = core;
    this.#node = node;
    this.#clock = clock;
    this.#log = log;
  }

  /** Has an Event about a pod, or one of its containers, written soon. */
  record(pod: Pod, happening: Happening, container?: ContainerPlan): void {
    const about = referenceTo(pod, container);
    const message = oneLine(happening.message, longest);
    const key = [about.uid, about.fieldPath, happening.type, happening.reason, message].join("\n");
    const entry = this.#entries.get(key) ??
      this.#remember(key, this.#eventOf(about, { ...happening, message }));
    entry.count++;
    entry.lastAt = this.#clock.now();
    this.#waiting.add(entry);
    this.#work ??= this.#drain();
  }

  /** Resolves when nothing waits. */
  async flushed(): Promise<void> {
    while (this.#work) await this.#work;
  }

  #remember(key: string, event: Event): Entry {
    const entry = { event, count: 0, lastAt: 0, written: false };
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= remembered) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  #eventOf(about: ObjectReference, { type, reason, message }: Happening): Event {
    const unique = (BigInt(this.#clock.now()) * 1_000_000n + BigInt(this.#named++ % 1_000_000)).toString(16);
    return {
      metadata: { name: `${about.name}.${unique}`, namespace: about.namespace },
      involvedObject: about,
      type,
      reason,
      message,
      source: { component: "kubelet", host: this.#node },
      firstTimestamp: timeOf(this.#clock.now()),
      reportingComponent: "kubelet",
      reportingInstance: this.#node,
    };
  }

  async #drain(): Promise<void> {
    for (const entry of this.#waiting) {
      this.#waiting.delete(entry);
      try {
        await this.#write(entry);
      } catch (error) {
        this.#log.debug("cannot write an event", { reason: entry.event.reason, error: messageOf(error) });
      }
    }
    // In the same breath as the look that found nothing: an Event recorded after it starts anew.
    this.#work = undefined;
  }

  async #write(entry: Entry): Promise<void> {
    const { event, count, lastAt, written } = entry;
    const { name, namespace } = event.metadata;
    const events = this.#core.namespace(namespace!);
    const news = { count, lastTimestamp: timeOf(lastAt) };
    if (written) {
      const patched = await events.patchEvent(name!, { type: "merge", body: news }).catch((error) => {
        if (!isStatus(error, 404)) throw error;
      });
      if (patched) return;
    }
    await events.createEvent({ ...event, ...news });
    entry.written = true;
  }
}

function referenceTo({ metadata }: Pod, container: ContainerPlan | undefined): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata ?? {};
  const list = container?.kind === "main" ? "containers" : "initContainers";
  return {
    apiVersion: "v1",
    kind: "Pod",
    namespace,
    name,
    uid,
    resourceVersion,
    ...(container && { fieldPath: `spec.${list}{${container.name}}` }),
  };
}
