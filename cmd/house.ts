/**
 * What all programs share: version, settings, modes that are gone, and how servers are put together.
 *
 * @module
 */
import type { Command } from "commander";
import { baseApp } from "../lib/http/app.ts";
import { serve } from "../lib/http/serve.ts";
import { connect, type Connection } from "../lib/kube/connect.ts";
import { systemClock } from "../lib/runtime/clock.ts";
import type { Log } from "../lib/runtime/log.ts";
import { newRegistry, type Registry } from "../lib/runtime/metrics.ts";
import type { House } from "../lib/runtime/program.ts";
import { version } from "../lib/runtime/version.ts";
import type { Hono } from "hono";
import { replacedSettings, settings } from "./settings.ts";

export { version };

/** What the frame of every program needs to know. */
export const house: House = {
  version,
  known: { all: settings, replaced: replacedSettings },
  base: { logFormat: settings.logFormat, logLevel: settings.logLevel },
  goneModes: {
    secretwriter: "mount a Secret",
    janitor: "use kube-janitor for janitor/ttl deletions",
  },
};

/** The options that say which cluster is meant. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Declares {@link ClusterOptions}. */
export function defineClusterOptions(command: Command): void {
  command
    .option(
      "--kubeconfig <file>",
      "the kubeconfig, instead of in-cluster credentials, KUBECONFIG or ~/.kube/config",
    )
    .option("--context <name>", "the kubeconfig's context, instead of its current one");
}

/** Connects a program to the cluster that its options mean. */
export async function connectTo(
  program: string,
  options: ClusterOptions,
  registry?: Registry,
): Promise<Connection> {
  return await connect({
    ...options,
    env: Deno.env.toObject(),
    clock: systemClock,
    program,
    version,
    ...(registry && { registry }),
  });
}

/** A server's own metrics registry. */
export function registryFor(program: string): Registry {
  return newRegistry(program, version);
}

/** Serves what every server of ours answers, and what `more` adds, until the signal aborts. */
export function serveBase(
  { listenHost, listenPort }: { readonly listenHost: string; readonly listenPort: number },
  { registry, log, signal, trouble, more }: {
    readonly registry: Registry;
    readonly log: Log;
    readonly signal: AbortSignal;
    readonly trouble?: () => string | undefined;
    readonly more?: Hono;
  },
): Promise<void> {
  const app = baseApp({ registry, log, ...(trouble && { trouble }) });
  if (more) app.route("/", more);
  return serve(app, { hostname: listenHost, port: listenPort, signal, log, clock: systemClock }).finished;
}

/** Who this process is among its replicas: its pod, or its host, and something that no other process has. */
export function identity(podName: string): string {
  return `${podName || Deno.hostname()}_${crypto.randomUUID().slice(0, 8)}`;
}
