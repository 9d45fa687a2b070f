/**
 * `autocrane watchdoghealthz`: the gate, a sidecar whose readiness is its pod's watchdogs'.
 *
 * @module
 */
import { CoreV1Api } from "../k8s/core_v1.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { WrongUse } from "../lib/runtime/failure.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { gateApp } from "../lib/watchdog/gate/app.ts";
import { Gate } from "../lib/watchdog/gate/health.ts";
import {
  type AnnotationSource,
  fileSource,
  podSource,
  type SourceOptions,
} from "../lib/watchdog/gate/source.ts";
import {
  type ClusterOptions,
  connectTo,
  defineClusterOptions,
  house,
  registryFor,
  serveBase,
} from "./house.ts";
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
    const source = await sourceFor(settings, options, { clock, log });
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

async function sourceFor(
  { annotationsFile, podNamespace, podName }: {
    annotationsFile: string;
    podNamespace: string;
    podName: string;
  },
  options: ClusterOptions,
  parts: SourceOptions,
): Promise<AnnotationSource> {
  if (annotationsFile) return fileSource(annotationsFile, parts);
  if (!podName) {
    throw new WrongUse(
      "Neither Pod__AnnotationsFile nor Pod__Name is set: the gate must know whose annotations to read. " +
        "Mount metadata.annotations by the downward API, or set Pod__Namespace and Pod__Name from fieldRefs.",
    );
  }
  const { client, namespace } = await connectTo("watchdoghealthz", options);
  const pods = new CoreV1Api(client).namespace(podNamespace || namespace);
  const fieldSelector = `metadata.name=${podName}`;
  return podSource({
    list: (page) => pods.getPodList({ ...page, fieldSelector }),
    watch: (from) => pods.watchPodList({ ...from, fieldSelector }),
  }, parts);
}

if (import.meta.main) {
  const entry = { summary: watchdoghealthz.summary, load: () => Promise.resolve(watchdoghealthz) };
  await main({ watchdoghealthz: entry }, house);
}
