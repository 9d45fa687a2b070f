/**
 * `autocrane watchdoghealthz`: the gate, a sidecar whose readiness is its pod's watchdogs'.
 *
 * @module
 */
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { gateApp } from "../lib/watchdog/gate/app.ts";
import { Gate } from "../lib/watchdog/gate/health.ts";
import { type ClusterOptions, defineClusterOptions, house, registryFor, serveBase } from "./house.ts";
import { ownPod } from "./own_pod.ts";
import { settings } from "./settings.ts";

const catalogue = {
  minReady: settings.minReady,
  alwaysHealthyAfter: settings.alwaysHealthyAfter,
  waitForResults: settings.waitForResults,
  annotationsFile: settings.annotationsFile,
  podNamespace: settings.podNamespace,
  podName: settings.podName,
  listenPort: settings.listenPort,
  listenHost: settings.listenHost,
};

/** The program. */
export const watchdoghealthz: Program<typeof catalogue, ClusterOptions> = {
  mode: "watchdoghealthz",
  summary: "answers /healthz with 200 once the pod has been free of watchdog errors for long enough",
  catalogue,
  examples: [
    "autocrane watchdoghealthz --Pod:AnnotationsFile=/etc/podinfo/annotations --Watchdogs:MinReadySeconds=60",
    "autocrane watchdoghealthz --Pod:Namespace=shop --Pod:Name=web-7c9",
  ],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    const gate = new Gate(settings, clock);
    const source = await ownPod("watchdoghealthz", settings, options, { clock, log });
    await Promise.all([
      serveBase(settings, {
        registry: registryFor("watchdoghealthz"),
        log,
        signal,
        more: gateApp(() => ({ health: gate.health(), knowledge: source.knowledge() })),
      }),
      source.run((annotations) => gate.observe(annotations), signal),
    ]);
  },
};

if (import.meta.main) {
  const entry = { summary: watchdoghealthz.summary, load: () => Promise.resolve(watchdoghealthz) };
  await main({ watchdoghealthz: entry }, house);
}
