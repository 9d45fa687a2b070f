/**
 * Metrics in Prometheus' text format: one registry a process, passed to whoever counts.
 *
 * @module
 */
import process from "node:process";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry };

/** A registry with what every process says of itself: processor time, memory, start time. */
export function newRegistry(program: string, version: string): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: "autocrane_build_info",
    help: "1, with the program and its version as labels.",
    labelNames: ["program", "version"],
    registers,
  }).set({ program, version }, 1);
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, seconds since 1970.",
    registers,
  }).set((Date.now() - performance.now()) / 1000);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time used, user and system.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  return registry;
}
