/**
 * The orchestrator's view over a fake API server.
 *
 * @module
 */
import type { ObjectMeta } from "../../k8s/meta_v1.ts";
import type { Observation } from "../../lib/orchestrator/evict/evictor.ts";
import { View } from "../../lib/orchestrator/observe.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";
import { FakeApi } from "./fake_api.ts";

/** A view of a fake cluster, and what it told. */
export class Watched {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly warnings: string[] = [];
  readonly appeared: string[] = [];
  readonly evicted: string[] = [];
  readonly #end = new AbortController();
  readonly view: View;

  constructor(...namespaces: string[]) {
    this.view = new View({
      client: this.api,
      namespaces,
      proberLease: { namespace: "autocrane", name: "prober" },
      proberFieldManager: "autocrane-watchdogprober",
      clock: this.clock,
      log: {
        ...silentLog,
        warn: (message, fields) => void this.warnings.push(`${message} ${fields?.namespaces}`),
      },
    });
    this.view.tell({
      sawPod: ({ name }) => void this.appeared.push(name),
      sawEviction: ({ name }, inOrder) => void this.evicted.push(inOrder ? name : `${name}, late`),
    });
  }

  /** Runs while `use` does. */
  async during(use: () => void | Promise<void>): Promise<void> {
    const running = this.view.run(this.#end.signal);
    await this.view.synced;
    await settled();
    try {
      await use();
    } finally {
      this.#end.abort();
      await running;
    }
  }

  /** What is seen now; fails where that is stale. */
  get seen(): Observation {
    const seen = this.view.observe();
    if ("stale" in seen) throw new Error(`stale: ${seen.stale}`);
    return seen;
  }

  /** The names of the pods that are seen. */
  get podNames(): string[] {
    return [...this.seen.pods].map(({ name }) => name).sort();
  }

  /** Puts a pod with a watchdog. */
  pod(name: string, metadata: Partial<ObjectMeta> = {}, condition?: { type: string; reason: string }): void {
    this.api.put("pods", {
      metadata: {
        namespace: "shop",
        name,
        uid: `${name}-uid`,
        annotations: { "probe.autocrane.io/disk": "POD_IP:8080/" },
        ...metadata,
      },
      status: { conditions: condition ? [{ ...condition, status: "True" }] : [] },
    } as object);
  }

  /** Renews the prober's Lease. */
  renew(): void {
    this.api.put("leases", {
      metadata: { namespace: "autocrane", name: "prober", uid: "lease" },
      spec: { holderIdentity: "prober-1", leaseDurationSeconds: 15 },
    } as object);
  }
}
