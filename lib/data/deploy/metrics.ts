/**
 * What a deployer counts.
 *
 * @module
 */
import { type ApplyFault, applyFaults } from "../../contract/data_version.ts";
import { Counter, Gauge, Histogram, type Registry } from "../../runtime/metrics.ts";

/** Counters of what is fetched and applied. */
export interface DeployMetrics {
  fetched(bytes: number): void;
  /** An attempt ended; `seconds` where it was the first one for its request, and did it. */
  ended(outcome: ApplyFault | "applied", seconds?: number): void;
}

/** Registers them. */
export function deployMetrics(
  registry: Registry,
  ages: () => Iterable<readonly [name: string, seconds: number]>,
): DeployMetrics {
  const registers = [registry];
  const bytes = new Counter({
    name: "autocrane_data_fetched_bytes_total",
    help: "Bytes of files' content that were fetched, compressed.",
    registers,
  });
  const attempts = new Counter({
    name: "autocrane_data_applies_total",
    help: "Attempts to put a version in place, by how they ended: applied, or the fault.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["applied", ...applyFaults]) attempts.inc({ outcome }, 0);
  const seconds = new Histogram({
    name: "autocrane_data_apply_seconds",
    help: "From a request to its version in place, of those that were applied at the first attempt.",
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300],
    registers,
  });
  new Gauge({
    name: "autocrane_data_version_age_seconds",
    help: "Age of the version in place, by data deployment.",
    labelNames: ["deployment"],
    registers,
    collect() {
      this.reset();
      for (const [deployment, age] of ages()) this.set({ deployment }, age);
    },
  });
  return {
    fetched: (count) => bytes.inc(count),
    ended(outcome, took) {
      attempts.inc({ outcome });
      if (took !== undefined) seconds.observe(took);
    },
  };
}
