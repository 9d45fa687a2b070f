/**
 * `autocrane datarepo`: looks for new versions of data, packs them, serves them.
 *
 * @module
 */
import { CoreV1Api } from "../k8s/core_v1.ts";
import { prepareFolders } from "../lib/data/repository/folders.ts";
import { sourceFollower } from "../lib/data/repository/follow.ts";
import { keptIn, type KeptReader } from "../lib/data/repository/kept.ts";
import { parseRegistry, type RegistryPlace } from "../lib/data/repository/registry_client.ts";
import { openParts, type Parts } from "../lib/data/repository/parts.ts";
import { fileSource } from "../lib/kube/own_pod.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { Guard } from "../lib/runtime/guard.ts";
import { messageOf, WrongUse } from "../lib/runtime/failure.ts";
import type { Log } from "../lib/runtime/log.ts";
import type { Registry } from "../lib/runtime/metrics.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import type { ValuesOf } from "../lib/runtime/settings.ts";
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
  repoSources: settings.repoSources,
  annotationsFile: settings.annotationsFile,
  repoSourcePath: settings.repoSourcePath,
  repoArchivePath: settings.repoArchivePath,
  repoPoll: settings.repoPoll,
  repoKeep: settings.repoKeep,
  gitCredentialsFile: settings.gitCredentialsFile,
  sshKeyFile: settings.sshKeyFile,
  knownHostsFile: settings.knownHostsFile,
  hookSecretFile: settings.hookSecretFile,
  registry: settings.registry,
  podNamespace: settings.podNamespace,
  listenPort: settings.listenPort,
  listenHost: settings.listenHost,
};

type Settings = ValuesOf<typeof catalogue>;

/** The program. */
export const datarepo: Program<typeof catalogue, ClusterOptions> = {
  mode: "datarepo",
  summary: "looks for new versions of data, packs them, serves them",
  catalogue,
  examples: [
    "autocrane datarepo --Pod:AnnotationsFile=/etc/podinfo/annotations",
    "autocrane datarepo --DataRepo:Sources=config:git:https://host/config.git#main --DataRepo:PollSeconds=30",
  ],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    const guard = Guard.start({ clock });
    try {
      const metrics = registryFor("datarepo");
      const kept = await keptReader(settings, options, log);
      await prepareFolders({ archive: settings.repoArchivePath, scratch: settings.repoSourcePath });
      using parts = await openParts({
        archive: settings.repoArchivePath,
        scratch: settings.repoSourcePath,
        every: settings.repoPoll,
        keepLast: settings.repoKeep,
        hookSecretFile: settings.hookSecretFile,
        secrets: {
          credentialsFile: settings.gitCredentialsFile,
          sshKeyFile: settings.sshKeyFile,
          knownHostsFile: settings.knownHostsFile,
        },
        kept,
        guard,
        env: Deno.env.toObject(),
        registry: registryOf(settings),
        metrics,
        clock,
        log,
        signal,
      });
      await runParts(parts, settings, { metrics, log, signal });
    } finally {
      await guard.close();
    }
  },
};

/** Follows, keeps in order and serves until the signal aborts. */
async function runParts(
  { sources, upkeep, mirror, app }: Parts,
  settings: Settings,
  { metrics, log, signal }: { metrics: Registry; log: Log; signal: AbortSignal },
): Promise<void> {
  const { annotationsFile, repoSources } = settings;
  const follow = sourceFollower(sources, repoSources, { log, signal });
  if (!annotationsFile) follow({});
  await Promise.all([
    ...(annotationsFile ? [fileSource(annotationsFile, { clock, log }).run(follow, signal)] : []),
    upkeep.run(signal),
    mirror?.run(signal),
    serveBase(settings, { registry: metrics, log, signal, trouble: () => sources.trouble(), more: app }),
  ]);
  await sources.ended();
}

/** The registry that is meant, if any. */
function registryOf({ registry }: Settings): RegistryPlace | undefined {
  if (!registry) return undefined;
  const place = parseRegistry(registry);
  if ("problem" in place) throw new WrongUse(`DataRepo__Registry is "${registry}": ${place.problem}.`);
  return place;
}

/** Who knows what is kept, where there is a cluster at all. */
async function keptReader(
  settings: Settings,
  options: ClusterOptions,
  log: Log,
): Promise<KeptReader | undefined> {
  try {
    const { client, namespace } = await connectTo("datarepo", options);
    return keptIn(new CoreV1Api(client).namespace(settings.podNamespace || namespace));
  } catch (error) {
    // Whoever names a cluster means it.
    if (!(error instanceof WrongUse) || options.kubeconfig || options.context) throw error;
    log.info("there is no cluster here", { error: messageOf(error) });
    return undefined;
  }
}

if (import.meta.main) {
  const entry = { summary: datarepo.summary, load: () => Promise.resolve(datarepo) };
  await main({ datarepo: entry }, house);
}
