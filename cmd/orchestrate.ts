/**
 * `autocrane orchestrate`: evicts pods whose watchdogs keep failing.
 *
 * @module
 */
import { CoordinationV1Api } from "../k8s/coordination_v1.ts";
import { CoreV1Api } from "../k8s/core_v1.ts";
import { EventsV1Api } from "../k8s/events_v1.ts";
import {
  fieldManager,
  leaseName,
  ownServiceAccounts,
  reportingController,
} from "../lib/contract/programs.ts";
import { Election } from "../lib/kube/election.ts";
import { Recorder } from "../lib/kube/recorder.ts";
import { evict } from "../lib/orchestrator/evict/act.ts";
import { Evictor } from "../lib/orchestrator/evict/evictor.ts";
import { Explainer } from "../lib/orchestrator/evict/explain.ts";
import { View } from "../lib/orchestrator/observe.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { messageOf } from "../lib/runtime/failure.ts";
import { Heartbeat, loop } from "../lib/runtime/loop.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import {
  type ClusterOptions,
  connectTo,
  defineClusterOptions,
  house,
  identity,
  registryFor,
  serveBase,
} from "./house.ts";
import { settings } from "./settings.ts";

const catalogue = {
  namespaces: settings.namespaces,
  scanInterval: settings.scanInterval,
  failuresBeforeEviction: settings.failuresBeforeEviction,
  evictionGracePeriod: settings.evictionGracePeriod,
  stormPercent: settings.stormPercent,
  stormMinPods: settings.stormMinPods,
  dryRun: settings.dryRun,
  podNamespace: settings.podNamespace,
  podName: settings.podName,
  listenPort: settings.listenPort,
  listenHost: settings.listenHost,
};

/** How long a replacement may take to become ready: Kubernetes' default progressDeadlineSeconds, milliseconds. */
const replacementDeadline = 600_000;
const hour = 3_600_000;

/** The program. */
export const orchestrate: Program<typeof catalogue, ClusterOptions> = {
  mode: "orchestrate",
  summary: "evicts pods whose watchdogs keep failing",
  catalogue,
  examples: [
    "autocrane orchestrate --AutoCrane:Namespaces=shop,checkout",
    "AutoCrane__Namespaces=* autocrane orchestrate --AutoCrane:DryRun=true",
  ],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    const registry = registryFor("orchestrate");
    const connection = await connectTo("orchestrate", options, registry);
    const { client } = connection;
    const namespace = settings.podNamespace || connection.namespace;
    const self = identity(settings.podName);
    const failed = (error: unknown) => log.error("a scan failed", { error: messageOf(error) });
    const election: Election = new Election({
      // A Lease must not wait behind other calls.
      leases: new CoordinationV1Api(client.with({ limit: undefined, retries: 0 })).namespace(namespace),
      name: leaseName.orchestrate,
      identity: self,
      clock,
      log,
      registry,
      changed: (leads) => leads && evictor.judge().catch(failed),
    });
    const writer = client.with({ mayWrite: () => election.left() });
    const view = new View({
      client,
      namespaces: settings.namespaces,
      proberLease: { namespace, name: leaseName.watchdogprober },
      proberFieldManager: fieldManager.watchdogprober,
      clock,
      log,
    });
    const recorder = new Recorder({
      events: new EventsV1Api(writer),
      controller: reportingController("orchestrate"),
      instance: self,
      clock,
      log,
      registry,
    });
    const evictor: Evictor = new Evictor({
      observe: () => election.connected ? view.observe() : { stale: "the API server does not answer" },
      evict: (pod) =>
        evict(pod, {
          core: new CoreV1Api(writer.with({ retries: 0 })),
          dryRun: settings.dryRun,
          gracePeriod: settings.evictionGracePeriod && settings.evictionGracePeriod / 1000,
        }),
      leads: () => election.leads,
      limits: {
        failuresBeforeEviction: settings.failuresBeforeEviction,
        stormPercent: settings.stormPercent,
        stormMinPods: settings.stormMinPods,
        own: { namespace, serviceAccounts: ownServiceAccounts },
        pace: {
          replacementDeadline,
          clearScans: settings.failuresBeforeEviction + 1,
          wait: (settings.failuresBeforeEviction + 1) * settings.scanInterval,
          maxWait: hour,
        },
      },
      explainer: new Explainer({ recorder, log, registry }),
      clock,
      log,
      registry,
    });
    view.onEviction((pod) => evictor.sawEviction(pod));
    const heartbeat = new Heartbeat(clock, 3 * settings.scanInterval + 60_000);
    let listed = false;
    view.synced.then(() => listed = true);
    await Promise.all([
      serveBase(settings, { registry, log, signal, trouble: () => heartbeat.trouble("scans") }),
      view.run(signal),
      election.run(signal, async () => {
        await evictor.settled();
        await recorder.flushed();
      }),
      loop({
        every: settings.scanInterval,
        turn: async () => {
          heartbeat.beat();
          if (!listed) return;
          view.reportMissingNamespaces();
          await evictor.scan();
        },
        failed,
        clock,
        signal,
      }),
    ]);
  },
};

if (import.meta.main) {
  await main(
    { orchestrate: { summary: orchestrate.summary, load: () => Promise.resolve(orchestrate) } },
    house,
  );
}
