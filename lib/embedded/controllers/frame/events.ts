/**
 * The controllers' Events, as kube-controller-manager writes them: core/v1, and one that repeats is counted.
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Event, type ObjectReference } from "../../../../k8s/core_v1.ts";
import type { ObjectMeta } from "../../../../k8s/meta_v1.ts";
import { isStatus } from "../../../kube/errors.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/failure.ts";
import type { Log } from "../../../runtime/log.ts";
import { timestamp } from "../../api/objects.ts";
import type { KindName } from "../objects/kinds.ts";
import { namespaceGoes } from "./refusal.ts";

/** What happened. */
export interface Happening {
  readonly type: "Normal" | "Warning";
  /** One CamelCase word. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/** What a writer of Events is made of. */
export interface EventWriterOptions {
  readonly client: KubeClient;
  /** Who writes, for instance `deployment-controller`. */
  readonly component: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Once it aborts, Events that could not be written are no news. */
  readonly signal: AbortSignal;
}

/** Events whose repetitions are recognized. */
const mostKnown = 4096;

/** Longest message that is kept, characters. */
const longestMessage = 1024;

/** Writes Events. One that cannot be written is logged, not repeated. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #core: CoreV1Api;
  readonly #known = new Map<string, { readonly name: string; count: number }>();
  #written = 0;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#core = new CoreV1Api(options.client);
  }

  /** Says that something happened to an object. */
  async write(kind: KindName, metadata: ObjectMeta | undefined, what: Happening): Promise<void> {
    const about = referenceTo(kind, metadata);
    await attempted({ ...this.#options, about: about.name, reason: what.reason }, async () => {
      if (!await this.#counted(about, what)) await this.#create(about, what);
    });
  }

  /** Counts a repetition; false where it is none. */
  async #counted(about: ObjectReference, what: Happening): Promise<boolean> {
    const known = this.#known.get(identityOf(about, what));
    if (!known) return false;
    known.count++;
    const body = { count: known.count, lastTimestamp: timestamp(this.#options.clock.now()) };
    try {
      await this.#core.namespace(about.namespace!).patchEvent(known.name, { type: "merge", body });
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  }

  async #create(about: ObjectReference, what: Happening): Promise<void> {
    const event = this.#eventOf(about, what);
    await this.#core.namespace(about.namespace!).createEvent(event);
    const identity = identityOf(about, what);
    this.#known.delete(identity);
    this.#known.set(identity, { name: event.metadata.name!, count: 1 });
    if (this.#known.size > mostKnown) this.#known.delete(this.#known.keys().next().value!);
  }

  #eventOf(about: ObjectReference, { type, reason, message }: Happening): Event {
    const { component, clock } = this.#options;
    const at = timestamp(clock.now());
    // Two in one millisecond are two.
    const unique = (BigInt(clock.now()) * 1_000_000n + BigInt(this.#written++ % 1_000_000)).toString(16);
    return {
      metadata: { name: `${about.name}.${unique}`, namespace: about.namespace },
      involvedObject: about,
      type,
      reason,
      message: message.slice(0, longestMessage),
      source: { component },
      reportingComponent: component,
      reportingInstance: "",
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
  }
}

/** An Event that is being written, for the log. */
interface Attempt {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly about: string | undefined;
  readonly reason: string;
}

/** Writes an Event. What fails is logged, unless nothing else could be expected. */
export async function attempted(
  { log, signal, about, reason }: Attempt,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    // A namespace that goes takes no more Events.
    if (signal.aborted || namespaceGoes(error)) return;
    log.warn("cannot write an event", { reason, about, error: messageOf(error) });
  }
}

function referenceTo(kind: KindName, metadata: ObjectMeta = {}): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { ...kind, namespace, name, uid, resourceVersion };
}

function identityOf({ kind, namespace, name, uid }: ObjectReference, what: Happening): string {
  return JSON.stringify([kind, namespace, name, uid, what.type, what.reason, what.message]);
}
