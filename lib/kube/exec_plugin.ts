/**
 * Credentials that a command mints (client.authentication.k8s.io ExecCredential), as a kubeconfig's `exec` entry
 * asks for it.
 *
 * @module
 */
import * as v from "valibot";
import { parse as parseYaml } from "yaml";
import { type Clock, unlessAborted, within } from "../runtime/clock.ts";
import { exitCode, Failure, messageOf } from "../runtime/failure.ts";
import { oneLine } from "../runtime/one_line.ts";
import type { Credentials, Proof } from "./credentials.ts";

/** How a kubeconfig's `exec` entry is run. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  /** `spec.cluster` of the ExecCredential, where the entry asks for it. */
  readonly cluster: Readonly<Record<string, unknown>> | undefined;
}

/** How a command is run. */
export interface RunOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Kills the command. */
  readonly signal: AbortSignal;
}

/** Runs a command and gives its output; `stderr` is empty where the user saw it. Replaced in tests. */
export type RunCommand = (
  command: string,
  options: RunOptions,
) => Promise<{ success: boolean; stdout: string; stderr: string }>;

const execCredential = v.object({
  kind: v.literal("ExecCredential"),
  status: v.object({
    expirationTimestamp: v.optional(v.string()),
    token: v.optional(v.string()),
    clientCertificateData: v.optional(v.string()),
    clientKeyData: v.optional(v.string()),
  }),
});

/** Longest that a command may take, milliseconds: enough for a person to log in. */
const pluginLimitMs = 60_000;

/**
 * Credentials that a command mints (client.authentication.k8s.io ExecCredential), kept until they expire
 * or are refused. A command that takes longer than a minute is killed.
 */
export function execCredentials(
  plugin: ExecPlugin,
  clock: Clock,
  run: RunCommand = commandRunner(Deno.stderr.isTerminal()),
): Credentials {
  let held: { proof: Proof; until: number } | undefined;
  let running: Promise<Proof> | undefined;
  const mint = async () => {
    const status = await runPlugin(plugin, clock, run);
    const ends = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : Infinity;
    const proof: Proof = {
      ...(status.token && { authorization: `Bearer ${status.token}` }),
      ...(status.clientCertificateData && status.clientKeyData &&
        { certificate: { cert: status.clientCertificateData, key: status.clientKeyData } }),
    };
    held = { proof, until: ends - 10_000 };
    return proof;
  };
  return {
    proof() {
      if (held && clock.now() < held.until) return Promise.resolve(held.proof);
      return running ??= mint().finally(() => running = undefined);
    },
    refused: () => held = undefined,
  };
}

async function runPlugin(plugin: ExecPlugin, clock: Clock, run: RunCommand) {
  const info = {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(plugin.cluster && { cluster: plugin.cluster }) },
  };
  const env = { ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const hint = plugin.installHint ? ` ${plugin.installHint}` : "";
  const what = `Cannot get credentials from the command "${plugin.command}"`;
  const output = await within(clock, pluginLimitMs, undefined, (signal) => {
    // One that left children behind may be dead and its output still open.
    return unlessAborted(run(plugin.command, { args: plugin.args, env, signal }), signal);
  }).catch((cause) => {
    throw new Failure(`${what}: ${messageOf(cause)}.${hint}`, exitCode.noPermission, { cause });
  });
  if (!output.success) {
    // What went wrong stands at the end.
    const said = oneLine(output.stderr.slice(-500), 500);
    throw new Failure(`${what}: it failed${said && `: ${said}`}.${hint}`, exitCode.noPermission);
  }
  const parsed = v.safeParse(execCredential, parseLoosely(output.stdout));
  if (!parsed.success) {
    throw new Failure(`${what}: it printed no ExecCredential with a status.`, exitCode.noPermission);
  }
  const { status } = parsed.output;
  if (!status.token && !(status.clientCertificateData && status.clientKeyData)) {
    throw new Failure(
      `${what}: it gave neither a token nor a certificate with its key.`,
      exitCode.noPermission,
    );
  }
  return status;
}

/** Plugins print JSON, which is YAML; `undefined` where it is neither. */
function parseLoosely(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return undefined;
  }
}

/**
 * Runs real commands.
 *
 * @param terminal whether a person reads our standard error: a command may ask for something there
 */
export function commandRunner(terminal: boolean): RunCommand {
  return async (command, { args, env, signal }) => {
    const stderr = terminal ? "inherit" : "piped";
    const child = new Deno.Command(command, {
      args: [...args],
      env: { ...env },
      stdin: "null",
      stderr,
      stdout: "piped",
    })
      .spawn();
    const kill = () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It ended, and left its output to a child of its own.
      }
    };
    signal.addEventListener("abort", kill);
    try {
      const output = await child.output();
      const decoder = new TextDecoder();
      return {
        success: output.success,
        stdout: decoder.decode(output.stdout),
        stderr: terminal ? "" : decoder.decode(output.stderr),
      };
    } finally {
      signal.removeEventListener("abort", kill);
    }
  };
}
