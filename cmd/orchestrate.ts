/**
 * `autocrane orchestrate`: evicts pods whose watchdogs keep failing.
 *
 * @module
 */
import { CoreV1Api } from "../k8s/core_v1.ts";
import { fieldManager, leaseName, ownServiceAccounts } from "../lib/contract/programs.ts";
import { evict } from "../lib/orchestrator/evict/act.ts";
import { Evictor } from "../lib/orchestrator/evict/evictor.ts";
import { Explainer } from "../lib/orchestrator/evict/explain.ts";
import { limitsOf } from "../lib/orchestrator/evict/limits.ts";
import { View } from "../lib/orchestrator/observe.ts";
import { sleep, systemClock as clock } from "../lib/runtime/clock.ts";
import { messageOf } from "../lib/runtime/failure.ts";
import type { Log } from "../lib/runtime/log.ts";
import { Heartbeat, loop } from "../lib/runtime/loop.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import type { ValuesOf } from "../lib/runtime/settings.ts";
import { type ClusterOptions, defineClusterOptions, house, serveBase } from "./house.ts";
import { type Replica, replicaOf } from "./replica.ts";
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
    const failed = (error: unknown) => log.error("a scan failed", { error: messageOf(error) });
    const replica = await replicaOf({
      mode: "orchestrate",
      settings,
      options,
      log,
      changed: (leads) => leads ? evictor.judge().catch(failed) : undefined,
    });
    const { registry, election, recorder } = replica;
    const view = viewOf(replica, settings, log);
    const evictor = evictorOf(replica, view, settings, log);
    const heartbeat = new Heartbeat(clock, 3 * settings.scanInterval + 60_000);
    // The first scan waits for the first list; where that does not come in time, scans count as skipped.
    const listed = Promise.race([view.synced, sleep(clock, settings.scanInterval, signal)]);
    await Promise.all([
      serveBase(settings, { registry, log, signal, trouble: () => heartbeat.trouble("scans") }),
      view.run(signal),
      election.run(signal, async () => {
        await evictor.stop();
        await recorder.flushed();
      }),
      listed.then(() =>
        loop({
          every: settings.scanInterval,
          turn: async () => {
            heartbeat.beat();
            view.reportMissingNamespaces();
            await evictor.scan();
          },
          failed,
          clock,
          signal,
        })
      ),
    ]);
  },
};

type Settings = ValuesOf<typeof catalogue>;

function viewOf({ client, namespace }: Replica, { namespaces }: Settings, log: Log): View {
  return new View({
    client,
    namespaces,
    proberLease: { namespace, name: leaseName.watchdogprober },
    proberFieldManager: fieldManager.watchdogprober,
    clock,
    log,
  });
}

function evictorOf(replica: Replica, view: View, settings: Settings, log: Log): Evictor {
  const { election, writer, recorder, registry, namespace } = replica;
  const evictor = new Evictor({
    observe: () => election.connected ? view.observe() : { stale: "the API server has not answered lately" },
    evict: (pod) =>
      evict(pod, {
        core: new CoreV1Api(writer),
        dryRun: settings.dryRun,
        gracePeriod: settings.evictionGracePeriod && settings.evictionGracePeriod / 1000,
      }),
    leads: () => election.leads,
    limits: limitsOf(settings, { namespace, serviceAccounts: ownServiceAccounts }),
    explainer: new Explainer({ recorder, log, registry }),
    clock,
    log,
    registry,
  });
  view.tell(evictor);
  return evictor;
}

if (import.meta.main) {
  await main(
    { orchestrate: { summary: orchestrate.summary, load: () => Promise.resolve(orchestrate) } },
    house,
  );
}
