/**
 * Notices when most probes fail at once, which tells more about the network than about the pods.
 *
 * @module
 */
import type { Log } from "../../runtime/log.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { Prober } from "./prober.ts";

/** Fewer failing pods than this are no storm, however few there are in all. */
const fewestPods = 5;

/** Keeps the gauges, and says when most watchdogs begin or cease to fail. Call it every so often. */
export class Census {
  #storm = false;
  readonly #prober: Pick<Prober, "census">;
  readonly #metrics: ProberMetrics;
  readonly #log: Log;

  constructor(prober: Pick<Prober, "census">, metrics: ProberMetrics, log: Log) {
    this.#prober = prober;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** Counts once. */
  take(): void {
    const { watchdogs, failing, failingPods } = this.#prober.census();
    this.#metrics.watchdogs.set(watchdogs);
    this.#metrics.failing.set(failing);
    const storm = failing * 2 > watchdogs && failingPods >= fewestPods;
    this.#metrics.storm.set(storm ? 1 : 0);
    if (storm === this.#storm) return;
    this.#storm = storm;
    // Who probes nothing, as it does not lead, knows of no success.
    if (watchdogs === 0) return;
    if (storm) this.#log.warn("most probes fail at once: look at the network first", { failing, watchdogs });
    else this.#log.info("most probes succeed again", { failing, watchdogs });
  }
}
