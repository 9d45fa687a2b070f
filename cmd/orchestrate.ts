/**
 * `autocrane orchestrate`: evicts pods whose watchdogs keep failing, and rolls data out.
 *
 * @module
 */
import { CoreV1Api } from "../k8s/core_v1.ts";
import { normalStoreUrl } from "../lib/contract/data.ts";
import { fieldManager, leaseName, ownServiceAccounts } from "../lib/contract/programs.ts";
import { evict } from "../lib/orchestrator/evict/act.ts";
import { Evictor } from "../lib/orchestrator/evict/evictor.ts";
import { Explainer } from "../lib/orchestrator/evict/explain.ts";
import { limitsOf } from "../lib/orchestrator/evict/limits.ts";
import { View } from "../lib/orchestrator/observe.ts";
import { Requester } from "../lib/orchestrator/rollout/act.ts";
import { DataObserver } from "../lib/orchestrator/rollout/observe.ts";
import { Problems } from "../lib/orchestrator/rollout/problems.ts";
import { RepositoryClient } from "../lib/orchestrator/rollout/repository_client.ts";
import { Rollouts } from "../lib/orchestrator/rollout/rollouts.ts";
import { StateStore } from "../lib/orchestrator/rollout/store.ts";
import { Teller } from "../lib/orchestrator/rollout/telling.ts";
import { sleep, systemClock as clock } from "../lib/runtime/clock.ts";
import { messageOf, WrongUse } from "../lib/runtime/failure.ts";
import type { Log } from "../lib/runtime/log.ts";
import { Heartbeat, loop } from "../lib/runtime/loop.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import type { ValuesOf } from "../lib/runtime/settings.ts";
import { type ClusterOptions, defineClusterOptions, house, serveBase, version } from "./house.ts";
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
  repositoryUrl: settings.repositoryUrl,
  canaryPercent: settings.canaryPercent,
  probation: settings.probation,
  failingPercent: settings.failingPercent,
  applyDeadline: settings.applyDeadline,
  podNamespace: settings.podNamespace,
  podName: settings.podName,
  listenPort: settings.listenPort,
  listenHost: settings.listenHost,
};

/** The program. */
export const orchestrate: Program<typeof catalogue, ClusterOptions> = {
  mode: "orchestrate",
  summary: "evicts pods whose watchdogs keep failing; rolls data out",
  catalogue,
  examples: [
    "autocrane orchestrate --AutoCrane:Namespaces=shop,checkout",
    "AutoCrane__Namespaces=* autocrane orchestrate --AutoCrane:DryRun=true",
  ],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    const repositoryUrl = urlOf(settings);
    const failed = (error: unknown) => log.error("a scan failed", { error: messageOf(error) });
    const replica = await replicaOf({
      mode: "orchestrate",
      settings,
      options,
      log,
      changed: async (leads) => {
        if (!leads) return await rollouts.stop();
        // Data first, but evictions wait for nobody for long.
        await Promise.race([rollouts.start(), sleep(clock, dataFirstMs, signal)]);
        await rollouts.settle(dataFirstMs);
        await evictor.judge().catch(failed);
      },
    });
    const { registry, election, recorder } = replica;
    const view = viewOf(replica, settings, log);
    const data = dataOf(replica, view, { ...settings, repositoryUrl }, log);
    const { rollouts } = data;
    const evictor = evictorOf(replica, view, rollouts, settings, log);
    const heartbeat = new Heartbeat(clock, 3 * settings.scanInterval + 60_000);
    // The first scan waits for the first list; where that does not come in time, scans count as skipped.
    const listed = Promise.race([view.synced, sleep(clock, settings.scanInterval, signal)]);
    await Promise.all([
      serveBase(settings, { registry, log, signal, trouble: () => heartbeat.trouble("scans") }),
      view.run(signal),
      data.run(signal),
      election.run(signal, async () => {
        await Promise.all([evictor.stop(), rollouts.stop()]);
        await recorder.flushed();
      }),
      listed.then(() =>
        loop({
          every: settings.scanInterval,
          turn: async () => {
            heartbeat.beat();
            view.reportMissingNamespaces();
            await rollouts.settle(dataFirstMs);
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

/** How long evictions wait for what is decided about data, milliseconds. */
const dataFirstMs = 5_000;

function urlOf({ repositoryUrl }: Settings): string {
  const url = normalStoreUrl(repositoryUrl);
  if (url !== undefined) return url;
  // The value is not shown: it may hold a password.
  throw new WrongUse(
    "Data__RepositoryUrl is not a plain http or https URL: expected one such as http://datarepo.",
  );
}

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

/** What rolls data out, and what it follows. */
interface Data {
  readonly rollouts: Rollouts;
  run(signal: AbortSignal): Promise<void>;
}

function dataOf(replica: Replica, view: View, settings: Settings, log: Log): Data {
  const { client, writer, namespace: own, election, recorder, registry } = replica;
  const { repositoryUrl, namespaces } = settings;
  const common = { clock, log, fieldManager: fieldManager.orchestrate };
  const leads = () => election.leads;
  const store = new StateStore({ ...common, client, writer, own });
  const repository: RepositoryClient = new RepositoryClient({
    url: repositoryUrl,
    wanted: () => rollouts.any,
    changed: () => rollouts.changedAll(),
    userAgent: `autocrane-orchestrate/${version}`,
    clock,
    log,
    registry,
  });
  const teller = new Teller({ recorder, own, log, registry });
  const rollouts: Rollouts = new Rollouts({
    ...common,
    observer: new DataObserver({
      observe: () =>
        election.connected ? view.observeData() : { stale: "the API server has not answered lately" },
      catalogue: () => repository.catalogue,
      repositoryUrl,
    }),
    store,
    requester: new Requester({
      ...common,
      writer,
      podAt: (namespace, name) => view.podAt(namespace, name),
      wrote: (pod) => view.wrote(pod),
      told: (namespace, requests, outcome) => teller.asked(namespace, requests, outcome),
    }),
    teller,
    problems: new Problems({ namespace: own, serviceAccount: "datarepo" }),
    limits: settings,
    dryRun: settings.dryRun,
    watches: (namespace) => namespaces.includes("*") || namespaces.includes(namespace),
    repositoryUrl,
    leads,
  });
  view.tellOfData(rollouts);
  return {
    rollouts,
    run: async (signal) => void await Promise.all([store.run(signal), repository.run(signal)]),
  };
}

function evictorOf(replica: Replica, view: View, rollouts: Rollouts, settings: Settings, log: Log): Evictor {
  const { election, writer, recorder, registry, namespace } = replica;
  const evictor = new Evictor({
    observe: () => {
      if (!election.connected) return { stale: "the API server has not answered lately" };
      return { ...view.observe(), putBackOf: (pod) => rollouts.putBackOf(pod) };
    },
    evicted: (uid) => rollouts.evicted(uid),
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
