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
import type { Log } from "../lib/runtime/log.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import type { ValuesOf } from "../lib/runtime/settings.ts";
import { Deployers } from "../lib/watchdog/data/deployers.ts";
import { reportReader } from "../lib/watchdog/data/report.ts";
import { prober as probeOver } from "../lib/watchdog/probe/probe.ts";
import { LabelUsers } from "../lib/watchdog/prober/label_users.ts";
import { faultTeller, proberMetrics } from "../lib/watchdog/prober/metrics.ts";
import { podReader, type ProbedPod } from "../lib/watchdog/prober/pod.ts";
import { Prober } from "../lib/watchdog/prober/prober.ts";
import { FairSlots, probeSockets } from "../lib/watchdog/prober/slots.ts";
import { Upkeep } from "../lib/watchdog/prober/upkeep.ts";
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
      changed: (leads) => leads ? start().catch(parts.failed) : parts.prober.stop(),
    });
    const parts = partsOf(replica, settings, log);
    const { pods, labelUsers, writer, prober, upkeep } = parts;
    const { registry } = replica;
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
      upkeep.run(signal),
      serveBase(settings, { registry, log, signal, trouble: () => upkeep.trouble() }),
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
  readonly upkeep: Upkeep;
  /** Told of faults of our own. */
  readonly failed: (error: unknown) => void;
}

function partsOf(replica: Replica, settings: Settings, log: Log): Parts {
  const { client, election, recorder } = replica;
  const { namespaces } = settings;
  const metrics = proberMetrics(replica.registry);
  const common = { clock, log, metrics };
  const failed = faultTeller(metrics, log);
  const leads = () => election.leads;
  const pods = podsOf(replica, settings, log);
  const { store } = pods;
  const labelUsers: LabelUsers = new LabelUsers({
    ...common,
    sources: sourcesOver(client),
    namespaces,
    recorder,
    leads,
    changed: (namespace) => prober.lookAgain(namespace),
  });
  const writer: StatusWriter = new StatusWriter({
    ...common,
    core: new CoreV1Api(replica.writer),
    store,
    verdicts: (pod) => prober.verdicts(pod),
    told: (pod) => deployers.told(pod),
    labelled: (pod) => labelUsers.allows(pod),
    leads,
    fieldManager: fieldManager.watchdogprober,
    failed,
  });
  const userAgent = `autocrane-watchdogprober/${version}`;
  const probe = probeOver({ clock, userAgent });
  const sockets = new FairSlots(probeSockets);
  const deployers: Deployers = new Deployers({
    read: reportReader({ clock, userAgent }),
    sockets,
    look: (key) => writer.look(key),
    interval: settings.probeInterval,
    timeout: settings.probeTimeout,
    failed,
    reads: metrics.reads,
    clock,
  });
  const prober: Prober = new Prober({ ...common, store, probe, sockets, writer, deployers, failed });
  const upkeep = new Upkeep({ ...common, prober, core: new CoreV1Api(client), namespaces });
  return { pods, labelUsers, writer, prober, upkeep, failed };
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

if (import.meta.main) {
  const entry = { summary: watchdogprober.summary, load: () => Promise.resolve(watchdogprober) };
  await main({ watchdogprober: entry }, house);
}
