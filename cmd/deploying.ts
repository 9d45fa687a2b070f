/**
 * What `datadeploy` and `datadeployinit` share: their settings, and the deployer that both of them run.
 *
 * @module
 */
import { locationProblem } from "../lib/contract/data.ts";
import { Deployer } from "../lib/data/deploy/deployer.ts";
import { deployerApp } from "../lib/data/deploy/app.ts";
import { deployMetrics } from "../lib/data/deploy/metrics.ts";
import { notify } from "../lib/data/deploy/notify.ts";
import { systemFiles } from "../lib/data/fetch/files.ts";
import { registrySource } from "../lib/data/fetch/registry_source.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { WrongUse } from "../lib/runtime/failure.ts";
import type { Log } from "../lib/runtime/log.ts";
import { type ClusterOptions, registryFor, serveBase } from "./house.ts";
import { ownPod, type OwnPodSettings } from "./own_pod.ts";
import { deployerPort, settings } from "./settings.ts";

/** The settings of both. */
export const catalogue = {
  annotationsFile: settings.annotationsFile,
  podNamespace: settings.podNamespace,
  podName: settings.podName,
  storeLocation: settings.storeLocation,
  listenPort: deployerPort,
  listenHost: settings.listenHost,
};

/** The values of {@link catalogue}. */
export interface DeploySettings extends OwnPodSettings {
  readonly storeLocation: string;
  readonly listenPort: number;
  readonly listenHost: string;
}

/** What a deployer runs with. */
export interface DeployParts {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Whether there is an application yet that can be told of a new version. */
  readonly tell: boolean;
  /** Told whenever the deployer may be further. */
  readonly changed?: (deployer: Deployer) => void;
}

/** Runs a deployer and its server until the signal aborts. */
export async function deploy(
  program: string,
  settings: DeploySettings,
  options: ClusterOptions,
  { log, signal, tell, changed }: DeployParts,
): Promise<void> {
  expectFolder(settings.storeLocation);
  const registry = registryFor(program);
  const address = addressOf(settings.listenHost);
  const deployer: Deployer = new Deployer({
    folder: settings.storeLocation.replace(/\/+$/, ""),
    files: systemFiles(),
    sourceOf: ({ url, source }) => registrySource({ url, repository: source, clock }),
    ...(tell &&
      { notify: ({ notify: target }, signal) => notify({ target: target!, address, clock }, signal) }),
    metrics: deployMetrics(registry, () => deployer.ages()),
    changed: () => changed?.(deployer),
    clock,
    log,
  });
  const source = await ownPod(program, settings, options, { clock, log, hurried: true });
  await Promise.all([
    serveBase(settings, { registry, log, signal, more: deployerApp(deployer) }),
    source.run((annotations) => deployer.observe(annotations), signal),
    deployer.run(signal),
  ]);
}

function expectFolder(folder: string): void {
  const problem = folder === "" ? undefined : locationProblem(folder);
  if (problem !== undefined) throw new WrongUse(`Store__Location "${folder}" ${problem}.`);
}

/** The pod's own address: all containers of a pod share one network, so without a name it is the loopback's. */
function addressOf(listenHost: string): string {
  return ["", "0.0.0.0", "::"].includes(listenHost) ? "127.0.0.1" : listenHost;
}
