/**
 * What happens in the cluster, followed over HTTPS like anybody would.
 *
 * @module
 */
import type { Deployment } from "../../k8s/apps_v1.ts";
import { CoreV1Api, type Event, type Pod } from "../../k8s/core_v1.ts";
import { key, prefix, type StringMap } from "../../lib/contract/keys.ts";
import { follow, type Followed } from "../../lib/kube/follow.ts";
import { sourcesOver } from "../../lib/kube/sources.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { type Clock, sleep } from "../../lib/runtime/clock.ts";
import type { Log } from "../../lib/runtime/log.ts";
import { home, shop, watchdog } from "./workloads.ts";

/** A step did not come to its end in time. */
export class NotSeen extends Error {
  override readonly name = "NotSeen";
}

/** Pods, Deployments and Events, as they are now. */
export class View {
  readonly #pods: Followed<Pod, Pod>;
  readonly #deployments: Followed<Deployment, Deployment>;
  readonly #events: Followed<Event, Event>;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();

  constructor(client: Transport, clock: Clock, log: Log) {
    const sources = sourcesOver(client);
    const core = new CoreV1Api(client);
    const common = { namespaces: [shop, home], clock, log };
    const whole = <T>(object: T): T => object;
    this.#clock = clock;
    this.#pods = follow({ ...common, what: "pods", source: sources.pods, trim: whole<Pod> });
    this.#deployments = follow({
      ...common,
      what: "deployments",
      source: sources.deployments,
      trim: whole<Deployment>,
    });
    this.#events = follow({
      ...common,
      what: "events",
      source: (namespace) => {
        const events = core.namespace(namespace!);
        return { list: (o) => events.getEventList(o), watch: (o) => events.watchEventList(o) };
      },
      trim: whole<Event>,
    });
    for (const { store } of [this.#pods, this.#deployments, this.#events]) {
      store.onChange(() => this.#listeners.forEach((listener) => listener()));
    }
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pods.run(signal), this.#deployments.run(signal), this.#events.run(signal)]);
  }

  /** Calls `listener` after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The pods of a namespace, or of one workload in it, by name. */
  pods(namespace: string, workload?: string): Pod[] {
    return [...this.#pods.store.values()]
      .filter(({ metadata }) =>
        metadata?.namespace === namespace && (workload === undefined || metadata.labels?.app === workload)
      )
      .sort((a, b) => (a.metadata!.name! < b.metadata!.name! ? -1 : 1));
  }

  /** A pod as it is now; `undefined` once it is gone. */
  again({ metadata }: Pod): Pod | undefined {
    const now = this.#pods.store.get(`${metadata!.namespace}/${metadata!.name}`);
    return now?.metadata?.uid === metadata!.uid ? now : undefined;
  }

  deployment(name: string): Deployment | undefined {
    return this.#deployments.store.get(`${shop}/${name}`);
  }

  /** AutoCrane's Events on a pod, oldest first. */
  eventsOn({ metadata }: Pod): Event[] {
    return this.events().filter(({ involvedObject }) => involvedObject.uid === metadata!.uid);
  }

  /** AutoCrane's Events, oldest first. */
  events(): Event[] {
    return [...this.#events.store.values()]
      .filter(({ reportingComponent }) => reportingComponent?.startsWith("autocrane"))
      .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  }

  /**
   * Waits until `look` finds something, looking again after each change.
   *
   * @param what for the error: what was waited for, and how things are
   * @throws NotSeen after `within` milliseconds, or when the signal aborts
   */
  async until<T>(
    what: () => string,
    look: () => T | undefined | false,
    within: number,
    signal: AbortSignal,
  ): Promise<T> {
    const end = this.#clock.monotonic() + within;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      const left = end - this.#clock.monotonic();
      if (signal.aborted) throw new NotSeen("asked to end before it was seen");
      if (left <= 0) throw new NotSeen(`not seen within ${within / 1000} s: ${what()}`);
      await this.#change(left, signal);
    }
  }

  async #change(within: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const forget = this.onChange(() => changed.abort());
    await sleep(this.#clock, within, AbortSignal.any([changed.signal, signal]));
    forget();
  }
}

function timeOf({ eventTime, metadata }: Event): string {
  return eventTime ?? metadata.creationTimestamp ?? "";
}

/** Whether a pod is ready and to stay. */
export function isReady({ metadata, status }: Pod): boolean {
  return !metadata?.deletionTimestamp &&
    (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");
}

/** A pod's health label; empty where it has none. */
export function healthOf({ metadata }: Pod): string {
  return metadata?.labels?.[key.health] ?? "";
}

/** What the pod's watchdog said last. */
export function statusOf({ metadata }: Pod): string {
  return (metadata?.annotations as StringMap | undefined)?.[`${prefix.status}${watchdog}`] ?? "";
}
