/**
 * `autocrane MODE`: every program behind one name.
 *
 * @module
 */
import type { Entry } from "../lib/runtime/program.ts";
import { main } from "../lib/runtime/program.ts";
import { house } from "./house.ts";

/** Each mode is loaded only when it is run. */
const modes: Readonly<Record<string, Entry>> = {
  orchestrate: {
    summary: "evicts pods whose watchdogs keep failing",
    load: async () => (await import("./orchestrate.ts")).orchestrate,
  },
  watchdogprober: {
    summary: "probes watchdogs and writes what they find on their pods",
    load: async () => (await import("./watchdogprober.ts")).watchdogprober,
  },
  watchdoghealthz: {
    summary: "the gate: ready once the pod has been free of watchdog errors",
    load: async () => (await import("./watchdoghealthz.ts")).watchdoghealthz,
  },
  getwatchdog: {
    summary: "shows pods' watchdogs",
    load: async () => (await import("./getwatchdog.ts")).getwatchdog,
  },
  postwatchdog: {
    summary: "writes a watchdog's status on a pod",
    load: async () => (await import("./postwatchdog.ts")).postwatchdog,
  },
  testworkload: {
    summary: "a workload that fails on request",
    load: async () => (await import("./testworkload.ts")).testworkload,
  },
};

await main(modes, house);
