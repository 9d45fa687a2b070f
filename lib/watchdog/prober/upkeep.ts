/**
 * What the prober does every so often beside probing: it counts, and looks for what is missing.
 *
 * @module
 */
import type { CoreV1Api } from "../../../k8s/core_v1.ts";
import { MissingNamespaces } from "../../kube/missing_namespaces.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { Heartbeat, loop } from "../../runtime/loop.ts";
import { Census } from "./census.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { Prober } from "./prober.ts";

/** What upkeep is made of. */
export interface UpkeepOptions {
  readonly prober: Pick<Prober, "census">;
  readonly core: Pick<CoreV1Api, "getNamespace">;
  /** The namespaces that are watched; `*` is all. */
  readonly namespaces: readonly string[];
  readonly metrics: ProberMetrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often gauges are brought up to date, milliseconds. */
const censusEvery = 5_000;
/** How often it is looked whether the watched namespaces exist, milliseconds. */
const namespacesEvery = 60_000;
/** Without a count for so long the process is not well, milliseconds. */
const heartbeatLimit = 60_000;

/** Counts, looks, and knows whether it still does. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #heartbeat: Heartbeat;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.clock, heartbeatLimit);
  }

  /** What is wrong, in words, when it has not counted for too long. */
  trouble(): string | undefined {
    return this.#heartbeat.trouble("schedule");
  }

  /** Goes on until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { prober, core, namespaces, metrics, clock, log } = this.#options;
    const census = new Census(prober, metrics, log);
    const missing = new MissingNamespaces({ namespaces, log });
    await Promise.all([
      loop({
        every: censusEvery,
        turn: () => {
          this.#heartbeat.beat();
          census.take();
        },
        failed: (error) => log.error("counting failed", { error: messageOf(error) }),
        clock,
        signal,
      }),
      loop({
        every: namespacesEvery,
        turn: () => missing.ask(core, signal),
        failed: (error) => log.debug("cannot look at the namespaces", { error: messageOf(error) }),
        clock,
        signal,
      }),
    ]);
  }
}
