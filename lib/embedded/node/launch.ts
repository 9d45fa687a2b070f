/**
 * From a container's manifest to a process' command line, environment and folder.
 *
 * @module
 */
import { constants } from "node:os";
import { resolve } from "node:path";
import type { Container, Pod } from "../../../k8s/core_v1.ts";
import type { ConfigMapLookup } from "./config_map_ref.ts";
import { environmentOf } from "./environment.ts";
import { expand } from "./expand.ts";
import { BadReference } from "./field_ref.ts";
import { entrypointOf, unknownImage } from "./images.ts";
import { type Mount, mountsOf, withRealPaths } from "./mounts.ts";
import { httpAction, type ProbePlan, probesOf } from "./probe_plan.ts";
import { findProgram } from "./programs.ts";
import type { Site } from "./site.ts";
import type { Machine } from "./tools.ts";

/** A container that cannot be started as its manifest is, or as things are. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The waiting container's reason: `CreateContainerConfigError`. */
  readonly reason: string;

  /** Refuses with a reason and a message for the container's status. */
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What a container's processes have in common, and what its own process is. */
export interface Launch {
  /** The container's command, not yet looked for on this machine. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  readonly probes: readonly ProbePlan[];
}

/** What a launch is made from. */
export interface LaunchSources {
  readonly container: Container;
  readonly pod: Pod;
  readonly site: Pick<Site, "facts" | "service" | "volumes">;
  readonly machine: Machine;
  readonly configMap: ConfigMapLookup;
  /** The container's own folders. */
  readonly home: string;
  readonly tmp: string;
}

/**
 * Reads a container's manifest.
 *
 * @throws Refusal where the image is not known, or something that is referred to cannot be had
 */
export function launchOf(sources: LaunchSources): Launch {
  const { container, machine } = sources;
  const command = container.command?.length ? container.command : undefined;
  const entrypoint = command ?? entrypointOf(container.image ?? "", machine.images);
  if (!entrypoint) throw new Refusal("ErrImagePull", unknownImage(container.image ?? "", machine.images));
  try {
    return assemble(entrypoint, command !== undefined, sources);
  } catch (error) {
    if (!(error instanceof BadReference)) throw error;
    throw new Refusal("CreateContainerConfigError", error.message);
  }
}

function assemble(entrypoint: readonly string[], isWritten: boolean, sources: LaunchSources): Launch {
  const { container, pod, site, machine, configMap, home, tmp } = sources;
  checkLifecycle(container, site.facts.podIP);
  const { KUBECONFIG: _, ...service } = site.service;
  const variables = environmentOf(container, { pod, facts: site.facts, configMap, service });
  const mounts = mountsOf(container, site.volumes.folders, variables);
  const written = (text: string) => withRealPaths(expand(text, variables), mounts);
  const env = Object.fromEntries([...variables].map(([name, value]) => [name, withRealPaths(value, mounts)]));
  return {
    // An image's entrypoint is ours: nothing in it is meant to be expanded.
    command: [...(isWritten ? entrypoint.map(written) : entrypoint), ...(container.args ?? []).map(written)],
    env: {
      ...machine.baseEnv,
      HOME: home,
      TMPDIR: tmp,
      HOSTNAME: pod.spec?.hostname ?? pod.metadata?.name ?? "",
      ...site.service,
      ...env,
    },
    cwd: resolve(machine.cwd, withRealPaths(container.workingDir ?? "", mounts)),
    mounts,
    probes: probesOf(container, site.facts.podIP),
  };
}

/** What would otherwise only be noticed when the container ends. */
function checkLifecycle(container: Container, address: string): void {
  const { postStart, preStop, stopSignal = "SIGTERM" } = container.lifecycle ?? {};
  if (postStart) {
    throw new BadReference(
      "postStart hooks: not supported by AutoCrane's embedded cluster: use an init container",
    );
  }
  if (preStop?.httpGet) httpAction(preStop.httpGet, container, address);
  if (!Object.hasOwn(constants.signals, stopSignal)) {
    throw new BadReference(`stopSignal ${stopSignal}: no such signal`);
  }
}

/**
 * The command line of a command in a container: its own, a probe's or a hook's.
 *
 * @throws NoProgram where this machine has no such program
 */
export function lineOf(
  command: readonly string[],
  { env, cwd }: Launch,
  { deno }: Machine,
): Promise<string[]> {
  return findProgram(command, { path: env.PATH ?? "", cwd, deno });
}
