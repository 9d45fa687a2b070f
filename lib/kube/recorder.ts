/**
 * Kubernetes Events (events.k8s.io/v1): what `kubectl describe` and `kubectl get events` show.
 *
 * @module
 */
import type { EventsV1Api } from "../../k8s/events_v1.ts";
import type { Clock } from "../runtime/clock.ts";
import { messageOf } from "../runtime/failure.ts";
import type { Log } from "../runtime/log.ts";
import { Counter, type Registry } from "../runtime/metrics.ts";

/** The object that an Event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What happened. */
export interface EventNote {
  readonly type: "Normal" | "Warning";
  /** Why, in one CamelCase word: people and tools select by it. */
  readonly reason: string;
  /** What was done about it, in one CamelCase word. */
  readonly action: string;
  /** For people, clean, of at most 1,024 bytes. */
  readonly note: string;
}

/** What a recorder is made of. */
export interface RecorderOptions {
  readonly events: EventsV1Api;
  /** The program's qualified name: the Event's reportingController. */
  readonly controller: string;
  /** The process: the Event's reportingInstance. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
}

/** Events that may wait to be written; more are dropped and counted. */
const maxWaiting = 1000;

/** Writes Events in the background, in their order. An Event that cannot be written is counted, never retried. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #waiting: { regarding: Regarding; note: EventNote; at: number }[] = [];
  readonly #written: Counter<"outcome">;
  #work: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#written = new Counter({
      name: "autocrane_events_total",
      help: "Kubernetes Events by outcome: written, failed, or dropped as too many waited.",
      labelNames: ["outcome"],
      registers: [options.registry],
    });
  }

  /** Has an Event written soon. */
  record(regarding: Regarding, note: EventNote): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#written.inc({ outcome: "dropped" });
      return;
    }
    this.#waiting.push({ regarding, note, at: this.#options.clock.now() });
    this.#work ??= this.#drain();
  }

  /** Resolves when nothing waits. */
  async flushed(): Promise<void> {
    while (this.#work) await this.#work;
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        await this.#write(next.regarding, next.note, next.at);
        this.#written.inc({ outcome: "written" });
      } catch (error) {
        this.#written.inc({ outcome: "failed" });
        this.#options.log.warn("cannot write an event", {
          reason: next.note.reason,
          error: messageOf(error),
        });
      }
    }
    // In the same breath as the look that found nothing: an Event recorded after it starts anew.
    this.#work = undefined;
  }

  async #write(regarding: Regarding, note: EventNote, at: number): Promise<void> {
    const { events, controller, instance } = this.#options;
    await events.namespace(regarding.namespace).createEvent({
      metadata: {
        name: `${regarding.name.slice(0, 200).replace(/[-.]+$/, "")}.${crypto.randomUUID().slice(0, 18)}`,
      },
      eventTime: `${new Date(at).toISOString().slice(0, -1)}000Z`,
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      type: note.type,
      reason: note.reason,
      action: note.action,
      note: note.note,
      regarding,
    });
  }
}
