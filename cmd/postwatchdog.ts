/**
 * `autocrane postwatchdog`: writes a watchdog's status on a pod.
 *
 * @module
 */
import { fieldManager } from "../lib/contract/programs.ts";
import { watchdogNameProblem } from "../lib/contract/watchdog.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { WrongUse } from "../lib/runtime/failure.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { postStatus } from "../lib/watchdog/post.ts";
import { type ClusterOptions, connectTo, defineClusterOptions, house } from "./house.ts";
import { settings } from "./settings.ts";

const catalogue = {
  podNamespace: settings.podNamespace,
  podName: settings.podName,
  watchdogName: settings.watchdogName,
  watchdogLevel: settings.watchdogLevel,
  watchdogMessage: settings.watchdogMessage,
  watchdogExpires: settings.watchdogExpires,
};

/** The program. */
export const postwatchdog: Program<typeof catalogue, ClusterOptions> = {
  mode: "postwatchdog",
  summary: "writes a watchdog's status on a pod",
  catalogue,
  examples: [
    "autocrane postwatchdog --Pod:Namespace=shop --Pod:Name=web-7c9 --Watchdog:Name=disk" +
    " --Watchdog:Level=error --Watchdog:Message='disk full'",
    "autocrane postwatchdog --Pod:Namespace=shop --Pod:Name=web-7c9 --Watchdog:Name=disk --Watchdog:Level=info",
  ],
  define: defineClusterOptions,
  async run({ settings, options, signal }) {
    if (!settings.podName) throw new WrongUse("Which pod? Give --Pod:Name=... and --Pod:Namespace=....");
    const problem = watchdogNameProblem(settings.watchdogName);
    if (problem !== undefined) throw new WrongUse(`Watchdog__Name ${problem}.`);
    const { client, namespace } = await connectTo("postwatchdog", options);
    await postStatus({
      namespace: settings.podNamespace || namespace,
      pod: settings.podName,
      watchdog: settings.watchdogName,
      level: settings.watchdogLevel,
      message: settings.watchdogMessage,
      ...(settings.watchdogExpires !== undefined && { expiresIn: settings.watchdogExpires }),
    }, { client, fieldManager: fieldManager.postwatchdog, clock, signal });
  },
};

if (import.meta.main) {
  const entry = { summary: postwatchdog.summary, load: () => Promise.resolve(postwatchdog) };
  await main({ postwatchdog: entry }, house);
}
