/**
 * `autocrane watchdogprober`: probes watchdogs and writes what they find.
 *
 * @module
 */
import { CoordinationV1Api } from "../k8s/coordination_v1.ts";
import { CoreV1Api } from "../k8s/core_v1.ts";
import { EventsV1Api } from "../k8s/events_v1.ts";
import { fieldManager, leaseName, reportingController } from "../lib/contract/programs.ts";
import { Election } from "../lib/kube/election.ts";
import { follow } from "../lib/kube/follow.ts";
import { Recorder } from "../lib/kube/recorder.ts";
import { sourcesOver } from "../lib/kube/sources.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { messageOf } from "../lib/runtime/failure.ts";
import { Heartbeat, loop } from "../lib/runtime/loop.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { prober as probeOver } from "../lib/watchdog/probe/probe.ts";
import { Census } from "../lib/watchdog/prober/census.ts";
import { LabelUsers } from "../lib/watchdog/prober/label_users.ts";
import { proberMetrics } from "../lib/watchdog/prober/metrics.ts";
import { MissingNamespaces } from "../lib/watchdog/prober/missing.ts";
import { podReader } from "../lib/watchdog/prober/pod.ts";
import { Prober } from "../lib/watchdog/prober/prober.ts";
import { FairSlots } from "../lib/watchdog/prober/slots.ts";
import { StatusWriter } from "../lib/watchdog/prober/writer.ts";
import {
  type ClusterOptions,
  connectTo,
  defineClusterOptions,
  house,
  identity,
  registryFor,
  serveBase,
  version,
} from "./house.ts";
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
    const registry = registryFor("watchdogprober");
    const connection = await connectTo("watchdogprober", options, registry);
    const { client } = connection;
    const namespace = settings.podNamespace || connection.namespace;
    const self = identity(settings.podName);
    const metrics = proberMetrics(registry);
    const sources = sourcesOver(client);
    const pods = follow({
      what: "pods",
      namespaces: settings.namespaces,
      source: sources.pods,
      trim: podReader({
        defaults: { interval: settings.probeInterval, timeout: settings.probeTimeout },
        probeHostNetwork: settings.probeHostNetwork,
        fieldManager: fieldManager.watchdogprober,
      }),
      clock,
      log,
    });
    const election: Election = new Election({
      leases: new CoordinationV1Api(client.with({ limit: undefined, retries: 0 })).namespace(namespace),
      name: leaseName.watchdogprober,
      identity: self,
      clock,
      log,
      registry,
      changed: (leads) => leads ? start() : prober.stop(),
    });
    const writing = client.with({ mayWrite: () => election.left(), retries: 0 });
    const recorder = new Recorder({
      events: new EventsV1Api(writing),
      controller: reportingController("watchdogprober"),
      instance: self,
      clock,
      log,
      registry,
    });
    const labelUsers: LabelUsers = new LabelUsers({
      sources,
      namespaces: settings.namespaces,
      recorder,
      leads: () => election.leads,
      changed: (namespace) => prober.lookAgain(namespace),
      metrics,
      clock,
      log,
    });
    const writer: StatusWriter = new StatusWriter({
      core: new CoreV1Api(writing),
      store: pods.store,
      verdicts: (pod) => prober.verdicts(pod),
      labelled: (pod) => labelUsers.allows(pod),
      leads: () => election.leads,
      fieldManager: fieldManager.watchdogprober,
      clock,
      log,
      metrics,
    });
    const prober: Prober = new Prober({
      store: pods.store,
      probe: probeOver({ clock, userAgent: `autocrane-watchdogprober/${version}` }),
      sockets: new FairSlots(sockets),
      writer,
      clock,
      metrics,
    });
    const synced = Promise.all([pods.synced, labelUsers.synced]);
    const start = async () => {
      // Probes begin when everything is known: a label must not be written before its selectors are.
      await synced;
      if (election.leads) prober.start();
    };
    const census = new Census(prober, metrics, log);
    const missing = new MissingNamespaces({
      core: new CoreV1Api(client),
      namespaces: settings.namespaces,
      log,
    });
    const heartbeat = new Heartbeat(clock, 60_000);
    await Promise.all([
      serveBase(settings, { registry, log, signal, trouble: () => heartbeat.trouble("schedule") }),
      pods.run(signal),
      labelUsers.run(signal),
      election.run(signal, async () => {
        prober.stop();
        await writer.stop();
        await recorder.flushed();
      }),
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
  },
};

if (import.meta.main) {
  const entry = { summary: watchdogprober.summary, load: () => Promise.resolve(watchdogprober) };
  await main({ watchdogprober: entry }, house);
}
