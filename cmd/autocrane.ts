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
    summary: "evicts pods whose watchdogs keep failing; rolls data out",
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
  datarepo: {
    summary: "looks for new versions of data, packs and serves them",
    load: async () => (await import("./datarepo.ts")).datarepo,
  },
  datadeploy: {
    summary: "beside an application: gets its data and keeps it current",
    load: async () => (await import("./datadeploy.ts")).datadeploy,
  },
  datadeployinit: {
    summary: "before an application: ends when its data is in place",
    load: async () => (await import("./datadeployinit.ts")).datadeployinit,
  },
  data: {
    summary: "shows data rollouts, lets people decide about them, packs and unpacks versions",
    load: async () => (await import("./data.ts")).data,
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
