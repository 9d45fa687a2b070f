/**
 * What the prober counts.
 *
 * @module
 */
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { Counter, Gauge, Histogram, type Registry } from "../../runtime/metrics.ts";

/** The prober's metrics; labels are bounded. */
export interface ProberMetrics {
  /** Probes by result: `ok`, or the kind of failure. */
  readonly probes: Counter<"result">;
  readonly duration: Histogram;
  /** Reads of deployers' statuses by result: `ok`, or the kind of failure. */
  readonly reads: Counter<"result">;
  /** Turns without a probe, by why: `not-ready`, `no-address`, or `under-way`, the last probe being not over. */
  readonly skipped: Counter<"why">;
  /** Writes of a pod's statuses, label and data by outcome. */
  readonly writes: Counter<"outcome">;
  readonly failing: Gauge;
  readonly watchdogs: Gauge;
  readonly storm: Gauge;
  readonly withheld: Gauge;
  readonly leftOut: Counter;
  /** Pods whose probes' intervals are stretched, as they ask for too many. */
  readonly slowed: Gauge;
  /** What only faults of the prober itself can be. */
  readonly faults: Counter;
}

/** Registers the prober's metrics. */
export function proberMetrics(registry: Registry): ProberMetrics {
  const registers = [registry];
  const prefix = "autocrane_watchdogprober_";
  return {
    probes: new Counter({
      name: `${prefix}probes_total`,
      help: "Probes by result.",
      labelNames: ["result"],
      registers,
    }),
    duration: new Histogram({
      name: `${prefix}probe_duration_seconds`,
      help: "How long probes took.",
      buckets: [0.005, 0.025, 0.1, 0.25, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    reads: new Counter({
      name: `${prefix}data_reads_total`,
      help: "Reads of deployers' statuses by result.",
      labelNames: ["result"],
      registers,
    }),
    skipped: new Counter({
      name: `${prefix}probes_skipped_total`,
      help: "Turns without a probe: the pod is not ready, has no address, or its last probe is not over.",
      labelNames: ["why"],
      registers,
    }),
    writes: new Counter({
      name: `${prefix}status_writes_total`,
      help: "Writes of a pod's statuses, label and data by outcome.",
      labelNames: ["outcome"],
      registers,
    }),
    failing: new Gauge({
      name: `${prefix}watchdogs_failing`,
      help: "Watchdogs whose last probe failed.",
      registers,
    }),
    watchdogs: new Gauge({ name: `${prefix}watchdogs`, help: "Watchdogs that are probed.", registers }),
    storm: new Gauge({
      name: `${prefix}most_probes_fail`,
      help: "1 while most watchdogs fail at once: look at the network before you look at the pods.",
      registers,
    }),
    withheld: new Gauge({
      name: `${prefix}label_withheld_selectors`,
      help:
        "Selectors that use the health label, which is therefore not written on the pods they could match.",
      registers,
    }),
    leftOut: new Counter({
      name: `${prefix}statuses_left_out_total`,
      help: "Statuses that had no room beside their pod's other annotations.",
      registers,
    }),
    slowed: new Gauge({
      name: `${prefix}pods_slowed`,
      help: "Pods that ask for more probes a second than a pod may cause; their intervals are stretched.",
      registers,
    }),
    faults: new Counter({
      name: `${prefix}faults_total`,
      help: "Faults of the prober itself; each is in its log.",
      registers,
    }),
  };
}

/** Logs and counts a fault of the prober itself, which goes on: the other pods are not to suffer for it. */
export function faultTeller({ faults }: Pick<ProberMetrics, "faults">, log: Log): (error: unknown) => void {
  return (error) => {
    faults.inc();
    log.error("a fault of the prober itself", {
      error: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  };
}
