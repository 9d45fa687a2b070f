/**
 * `autocrane watchdogprober`: probes watchdogs and writes what they find.
 *
 * @module
 */
import { CoreV1Api, type Pod } from "../k8s/core_v1.ts";
import { fieldManager } from "../lib/contract/programs.ts";
import { follow, type Followed } from "../lib/kube/follow.ts";
import { sourcesOver } from "../lib/kube/sources.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { messageOf } from "../lib/runtime/failure.ts";
import type { Log } from "../lib/runtime/log.ts";
import { Heartbeat, loop } from "../lib/runtime/loop.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import type { ValuesOf } from "../lib/runtime/settings.ts";
import { prober as probeOver } from "../lib/watchdog/probe/probe.ts";
import { Census } from "../lib/watchdog/prober/census.ts";
import { LabelUsers } from "../lib/watchdog/prober/label_users.ts";
import { type ProberMetrics, proberMetrics } from "../lib/watchdog/prober/metrics.ts";
import { MissingNamespaces } from "../lib/watchdog/prober/missing.ts";
import { podReader, type ProbedPod } from "../lib/watchdog/prober/pod.ts";
import { Prober } from "../lib/watchdog/prober/prober.ts";
import { FairSlots } from "../lib/watchdog/prober/slots.ts";
import { StatusWriter } from "../lib/watchdog/prober/writer.ts";
import { type ClusterOptions, defineClusterOptions, house, serveBase, version } from "./house.ts";
import { type Replica, replicaOf } from "./replica.ts";
import { settings } from "./settings.ts";

const catalogue = {
  namespaces: settings.namespaces,
  probeInterval: settings.probeInterval,
  probeTimeout: settings.probeTimeout,
  probeHostNetwork: settings.probeHostNetwork,
  podNamespace: settings.podNamespace,
  podName: settings.podName,
  listenPort: settings.listenPort,
  listenHost: settings.listenHost,
};

/** Sockets that probes may hold at once, in all and a pod: a pod's hung probes delay only its own. */
const sockets = { total: 4096, perPod: 16 };
/** How often gauges are brought up to date, milliseconds. */
const censusEvery = 5_000;
/** How often it is looked whether the watched namespaces exist, milliseconds. */
const namespacesEvery = 60_000;

/** The program. */
export const watchdogprober: Program<typeof catalogue, ClusterOptions> = {
  mode: "watchdogprober",
  summary: "probes watchdogs and writes what they find on their pods",
  catalogue,
  examples: [
    "autocrane watchdogprober --AutoCrane:Namespaces=shop",
    "autocrane watchdogprober --AutoCrane:Namespaces=* --AutoCrane:ProbeIntervalSeconds=10",
  ],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    const replica = await replicaOf({
      mode: "watchdogprober",
      settings,
      options,
      log,
      changed: (leads) => leads ? start() : parts.prober.stop(),
    });
    const parts = partsOf(replica, settings, log);
    const { pods, labelUsers, writer, prober } = parts;
    const synced = Promise.all([pods.synced, labelUsers.synced]);
    const start = async () => {
      // Probes begin when everything is known: a label must not be written before its selectors are.
      await synced;
      if (replica.election.leads) prober.start();
    };
    await Promise.all([
      pods.run(signal),
      labelUsers.run(signal),
      replica.election.run(signal, async () => {
        prober.stop();
        await writer.stop();
        await replica.recorder.flushed();
      }),
      lookAfter(replica, parts, settings, log, signal),
    ]);
  },
};

type Settings = ValuesOf<typeof catalogue>;

/** What probes and writes. */
interface Parts {
  readonly pods: Followed<Pod, ProbedPod>;
  readonly labelUsers: LabelUsers;
  readonly writer: StatusWriter;
  readonly prober: Prober;
  readonly metrics: ProberMetrics;
}

function partsOf(replica: Replica, settings: Settings, log: Log): Parts {
  const { client, election, recorder } = replica;
  const { namespaces } = settings;
  const metrics = proberMetrics(replica.registry);
  const leads = () => election.leads;
  const pods = podsOf(replica, settings, log);
  const labelUsers: LabelUsers = new LabelUsers({
    sources: sourcesOver(client),
    namespaces,
    recorder,
    leads,
    changed: (namespace) => prober.lookAgain(namespace),
    metrics,
    clock,
    log,
  });
  const writer: StatusWriter = new StatusWriter({
    core: new CoreV1Api(replica.writer),
    store: pods.store,
    verdicts: (pod) => prober.verdicts(pod),
    labelled: (pod) => labelUsers.allows(pod),
    leads,
    fieldManager: fieldManager.watchdogprober,
    clock,
    log,
    metrics,
  });
  const probe = probeOver({ clock, userAgent: `autocrane-watchdogprober/${version}` });
  const slots = new FairSlots(sockets);
  const prober: Prober = new Prober({ store: pods.store, probe, sockets: slots, writer, clock, metrics });
  return { pods, labelUsers, writer, prober, metrics };
}

function podsOf({ client }: Replica, settings: Settings, log: Log): Followed<Pod, ProbedPod> {
  return follow({
    what: "pods",
    namespaces: settings.namespaces,
    source: sourcesOver(client).pods,
    trim: podReader({
      defaults: { interval: settings.probeInterval, timeout: settings.probeTimeout },
      probeHostNetwork: settings.probeHostNetwork,
      fieldManager: fieldManager.watchdogprober,
    }),
    clock,
    log,
  });
}

/** Serves, counts, and looks for what is missing. */
async function lookAfter(
  { registry, client }: Replica,
  { prober, metrics }: Parts,
  settings: Settings,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const census = new Census(prober, metrics, log);
  const core = new CoreV1Api(client);
  const missing = new MissingNamespaces({ core, namespaces: settings.namespaces, log });
  const heartbeat = new Heartbeat(clock, 60_000);
  await Promise.all([
    serveBase(settings, { registry, log, signal, trouble: () => heartbeat.trouble("schedule") }),
    loop({
      every: censusEvery,
      turn: () => {
        heartbeat.beat();
        census.take();
      },
      failed: (error) => log.error("counting failed", { error: messageOf(error) }),
      clock,
      signal,
    }),
    loop({
      every: namespacesEvery,
      turn: () => missing.look(signal),
      failed: (error) => log.debug("cannot look at the namespaces", { error: messageOf(error) }),
      clock,
      signal,
    }),
  ]);
}

if (import.meta.main) {
  const entry = { summary: watchdogprober.summary, load: () => Promise.resolve(watchdogprober) };
  await main({ watchdogprober: entry }, house);
}
