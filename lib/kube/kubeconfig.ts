/**
 * Kubeconfig files: the format that kubectl reads, as far as it says how to reach a cluster.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { parse as parseYaml } from "yaml";
import type { Clock } from "../runtime/clock.ts";
import { messageOf, WrongUse } from "../runtime/failure.ts";
import type { Access } from "./access.ts";
import {
  type Credentials,
  fixedCredentials,
  type Proof,
  readText,
  tokenFileCredentials,
} from "./credentials.ts";
import { execCredentials } from "./exec_plugin.ts";

const execEntry = v.object({
  apiVersion: v.string(),
  command: v.string(),
  args: v.nullish(v.array(v.string())),
  env: v.nullish(v.array(v.object({ name: v.string(), value: v.string() }))),
  installHint: v.optional(v.string()),
  provideClusterInfo: v.optional(v.boolean()),
});

const clusterEntry = v.object({
  server: v.string(),
  "certificate-authority": v.optional(v.string()),
  "certificate-authority-data": v.optional(v.string()),
  "insecure-skip-tls-verify": v.optional(v.unknown()),
  "tls-server-name": v.optional(v.unknown()),
  "proxy-url": v.optional(v.unknown()),
});

/** Entries that change whom we speak to or as whom: passing over them would be worse than refusing them. */
const refusedInCluster = {
  "insecure-skip-tls-verify": "give its certificate as certificate-authority",
  "tls-server-name": "use an address that its certificate names",
  "proxy-url": "set HTTPS_PROXY, which calls to the API server follow",
} as const;

const userEntry = v.object({
  token: v.optional(v.string()),
  tokenFile: v.optional(v.string()),
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  "client-certificate": v.optional(v.string()),
  "client-certificate-data": v.optional(v.string()),
  "client-key": v.optional(v.string()),
  "client-key-data": v.optional(v.string()),
  exec: v.optional(execEntry),
  "auth-provider": v.optional(v.unknown()),
  as: v.optional(v.unknown()),
});

const refusedInUser = {
  "auth-provider": "Kubernetes removed it in 1.26: use an exec plugin",
  as: "use the credentials of the user that is meant",
} as const;

const contextEntry = v.object({
  cluster: v.string(),
  user: v.nullish(v.string()),
  namespace: v.nullish(v.string()),
});

const kubeconfigSchema = v.object({
  "current-context": v.nullish(v.string()),
  clusters: v.nullish(v.array(v.object({ name: v.string(), cluster: v.nullish(clusterEntry) }))),
  users: v.nullish(v.array(v.object({ name: v.string(), user: v.nullish(userEntry) }))),
  contexts: v.nullish(v.array(v.object({ name: v.string(), context: v.nullish(contextEntry) }))),
});

type Cluster = v.InferOutput<typeof clusterEntry>;
type User = v.InferOutput<typeof userEntry>;
type Context = v.InferOutput<typeof contextEntry>;

/** A kubeconfig entry and the folder that relative paths in it start from. */
interface Found<T> {
  readonly entry: T;
  readonly folder: string;
}

/** Several kubeconfigs as one: the first that says something wins, as in kubectl. */
interface Merged {
  current: string | undefined;
  readonly clusters: Map<string, Found<Cluster>>;
  readonly users: Map<string, Found<User>>;
  readonly contexts: Map<string, Found<Context>>;
}

/**
 * The cluster and user that a kubeconfig's context names.
 *
 * @param paths kubeconfigs, merged as kubectl does
 * @throws WrongUse that says what is missing or malformed
 */
export async function kubeconfigAccess(
  paths: readonly string[],
  context: string | undefined,
  clock: Clock,
): Promise<Access> {
  const merged = await loadAll(paths);
  const shown = paths.join(", ");
  const name = context ?? merged.current;
  if (!name) throw new WrongUse(`The kubeconfig ${shown} has no current context: choose one with --context.`);
  const chosen = merged.contexts.get(name)?.entry;
  if (!chosen) {
    const known = [...merged.contexts.keys()].join(", ") || "none";
    throw new WrongUse(`The kubeconfig ${shown} has no context "${name}": it knows ${known}.`);
  }
  const cluster = merged.clusters.get(chosen.cluster);
  if (!cluster) throw new WrongUse(`The kubeconfig ${shown} has no cluster "${chosen.cluster}".`);
  refuse(`cluster "${chosen.cluster}"`, cluster.entry, refusedInCluster);
  const user = chosen.user ? merged.users.get(chosen.user) : undefined;
  if (chosen.user && !user) throw new WrongUse(`The kubeconfig ${shown} has no user "${chosen.user}".`);
  if (user) refuse(`user "${chosen.user}"`, user.entry, refusedInUser);
  return {
    server: cluster.entry.server.replace(/\/+$/, ""),
    ca: caOf(cluster),
    credentials: user ? await credentialsOf(user, cluster, clock) : fixedCredentials({}),
    namespace: chosen.namespace ?? "default",
  };
}

function refuse(
  whose: string,
  entry: Readonly<Record<string, unknown>>,
  refused: Readonly<Record<string, string>>,
): void {
  for (const [field, instead] of Object.entries(refused)) {
    if (entry[field]) {
      throw new WrongUse(`The ${whose} has ${field}, which AutoCrane does not follow: ${instead}.`);
    }
  }
}

async function loadAll(paths: readonly string[]): Promise<Merged> {
  const merged: Merged = { current: undefined, clusters: new Map(), users: new Map(), contexts: new Map() };
  let read = 0;
  for (const path of paths) {
    // kubectl passes over missing files of a list, but a single one must be there.
    if (paths.length > 1 && !await Deno.stat(path).then(() => true, () => false)) continue;
    await loadInto(merged, path);
    read++;
  }
  if (read === 0) throw new WrongUse(`None of the kubeconfigs ${paths.join(", ")} exists.`);
  return merged;
}

async function loadInto(merged: Merged, path: string): Promise<void> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new WrongUse(
      `Cannot read the kubeconfig "${path}": ${
        messageOf(cause)
      }. Outside a cluster, --kubeconfig or KUBECONFIG names one.`,
      { cause },
    );
  }
  const result = v.safeParse(kubeconfigSchema, parsed(text, path));
  if (!result.success) {
    const issue = result.issues[0];
    throw new WrongUse(
      `The kubeconfig "${path}" is malformed at ${v.getDotPath(issue) ?? "its top"}: ${issue.message}.`,
    );
  }
  const folder = dirname(resolve(path));
  const { output } = result;
  merged.current ||= output["current-context"] ?? undefined;
  for (const { name, cluster } of output.clusters ?? []) addNew(merged.clusters, name, cluster, folder);
  for (const { name, user } of output.users ?? []) addNew(merged.users, name, user ?? {}, folder);
  for (const { name, context } of output.contexts ?? []) addNew(merged.contexts, name, context, folder);
}

function addNew<T>(
  into: Map<string, Found<T>>,
  name: string,
  entry: T | null | undefined,
  folder: string,
): void {
  if (entry && !into.has(name)) into.set(name, { entry, folder });
}

function parsed(text: string, path: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new WrongUse(`The kubeconfig "${path}" is not YAML: ${messageOf(cause)}.`, { cause });
  }
}

function caOf({ entry, folder }: Found<Cluster>): Access["ca"] {
  const data = entry["certificate-authority-data"];
  if (data) return () => Promise.resolve(decode(data));
  const file = entry["certificate-authority"];
  if (file) {
    return () => readText(resolve(folder, file), "cluster certificate", "Is certificate-authority right?");
  }
  return () => Promise.resolve(undefined);
}

async function credentialsOf(
  { entry, folder }: Found<User>,
  cluster: Found<Cluster>,
  clock: Clock,
): Promise<Credentials> {
  if (entry.exec) return execCredentials(pluginOf(entry.exec, await clusterInfo(cluster), folder), clock);
  if (entry.tokenFile) return tokenFileCredentials(resolve(folder, entry.tokenFile), clock);
  const cert = await dataOrFile(entry["client-certificate-data"], entry["client-certificate"], folder);
  const key = await dataOrFile(entry["client-key-data"], entry["client-key"], folder);
  const basic = entry.username &&
    `Basic ${Buffer.from(`${entry.username}:${entry.password ?? ""}`).toString("base64")}`;
  const authorization = entry.token ? `Bearer ${entry.token}` : basic;
  const proof: Proof = {
    ...(authorization && { authorization }),
    ...(cert && key && { certificate: { cert, key } }),
  };
  return fixedCredentials(proof);
}

function pluginOf(exec: v.InferOutput<typeof execEntry>, info: Record<string, unknown>, folder: string) {
  return {
    apiVersion: exec.apiVersion,
    // As in kubectl: a command with a slash is relative to the kubeconfig, a bare name is looked up in PATH.
    command: exec.command.includes("/") ? resolve(folder, exec.command) : exec.command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    installHint: exec.installHint,
    cluster: exec.provideClusterInfo ? info : undefined,
  };
}

async function clusterInfo(cluster: Found<Cluster>): Promise<Record<string, unknown>> {
  const ca = await caOf(cluster)();
  return {
    server: cluster.entry.server,
    ...(ca && { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
  };
}

async function dataOrFile(
  data: string | undefined,
  file: string | undefined,
  folder: string,
): Promise<string | undefined> {
  if (data) return decode(data);
  return file
    ? await readText(resolve(folder, file), "client certificate or key", "Is the kubeconfig right?")
    : undefined;
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}
