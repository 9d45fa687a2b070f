/**
 * Who we are to an API server, kept fresh: tokens that rotate, commands that mint them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { parse as parseYaml } from "yaml";
import type { Clock } from "../runtime/clock.ts";
import { exitCode, Failure, messageOf } from "../runtime/failure.ts";

/** A client certificate and its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a request proves itself with. */
export interface Proof {
  /** The value of the `authorization` header. */
  readonly authorization?: string;
  readonly certificate?: ClientCertificate;
}

/** A source of proofs. */
export interface Credentials {
  /** The proof to use now; it may read a file or run a command. */
  proof(): Promise<Proof>;
  /** The server answered 401: what is remembered must not be used again. */
  refused(): void;
}

/** Credentials that never change. */
export function fixedCredentials(proof: Proof): Credentials {
  return { proof: () => Promise.resolve(proof), refused: () => {} };
}

/** Longest that a token read from a file is used before it is read again, milliseconds. */
const tokenAgeMs = 60_000;

/** When a JWT ends, milliseconds since 1970; `undefined` where the token is none. */
export function tokenExpiry(token: string): number | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A token in a file that somebody else renews, as the kubelet does with projected tokens: read again each
 * minute, earlier where it is about to end, and at once after a refusal.
 */
export function tokenFileCredentials(path: string, clock: Clock): Credentials {
  let held: { proof: Proof; until: number } | undefined;
  return {
    async proof() {
      if (held && clock.now() < held.until) return held.proof;
      const token = (await readText(path, "token", "Is the projected volume mounted?")).trim();
      const soon = (tokenExpiry(token) ?? Infinity) - 10_000;
      held = { proof: { authorization: `Bearer ${token}` }, until: Math.min(clock.now() + tokenAgeMs, soon) };
      return held.proof;
    },
    refused: () => held = undefined,
  };
}

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

/** Runs a command and gives its output: replaced in tests. */
export type RunCommand = (
  command: string,
  options: { args: readonly string[]; env: Readonly<Record<string, string>> },
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

/**
 * Credentials that a command mints (client.authentication.k8s.io ExecCredential), kept until they expire
 * or are refused.
 */
export function execCredentials(plugin: ExecPlugin, clock: Clock, run: RunCommand = runCommand): Credentials {
  let held: { proof: Proof; until: number } | undefined;
  let running: Promise<Proof> | undefined;
  const mint = async () => {
    const status = await runPlugin(plugin, run);
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

async function runPlugin(plugin: ExecPlugin, run: RunCommand) {
  const info = {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(plugin.cluster && { cluster: plugin.cluster }) },
  };
  const env = { ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const hint = plugin.installHint ? ` ${plugin.installHint}` : "";
  const what = `Cannot get credentials from the command "${plugin.command}"`;
  const output = await run(plugin.command, { args: plugin.args, env }).catch((cause) => {
    throw new Failure(`${what}: ${messageOf(cause)}.${hint}`, exitCode.noPermission, { cause });
  });
  if (!output.success) {
    throw new Failure(
      `${what}: it failed: ${output.stderr.trim().slice(0, 500)}.${hint}`,
      exitCode.noPermission,
    );
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

const runCommand: RunCommand = async (command, { args, env }) => {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], env: { ...env } })
    .output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
};

/**
 * Reads a file of a cluster's access.
 *
 * @throws Failure that names what it was for and what to look at
 */
export async function readText(path: string, what: string, hint: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new Failure(`Cannot read ${what} "${path}": ${messageOf(cause)}. ${hint}`, exitCode.noPermission, {
      cause,
    });
  }
}
