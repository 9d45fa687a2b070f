/**
 * The embedded cluster: a Kubernetes API in memory, its controllers, and a node whose pods are processes.
 *
 * @module
 */
import { join } from "node:path";
import type { KubeClient } from "../../k8s/client.ts";
import { kubeconfigText } from "../kube/kubeconfig_text.ts";
import type { Clock } from "../runtime/clock.ts";
import { Guard } from "../runtime/guard.ts";
import type { Log } from "../runtime/log.ts";
import { Api } from "./api/api.ts";
import { apiApp } from "./api/app.ts";
import { LocalClient } from "./api/client.ts";
import { apiVersion } from "./api/discovery.ts";
import { notSupported } from "./api/errors.ts";
import type { PodLogs } from "./api/pod_logs.ts";
import { ObjectStore } from "./api/store.ts";
import { Users } from "./api/users.ts";
import { bootstrap } from "./bootstrap.ts";
import { runControllers } from "./controllers/run.ts";
import { AddressPool } from "./node/addresses.ts";
import { type RunningNode, startNode } from "./node/node.ts";
import { type ApiServer, listen } from "./server.ts";
import { podAddresses, type Subnet, takeSubnet } from "./subnet.ts";

/** The node on which pods run. */
export interface NodeOptions {
  /** What containers run, by the names of their images: the beginning of a command line, which `args` follow. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  /** Variables that every container has; without it, none but its own. */
  readonly baseEnv?: Readonly<Record<string, string>>;
}

/** What may differ from one cluster to another. */
export interface ClusterOptions {
  /** Without a node pods stay as whoever makes them says. */
  readonly node?: NodeOptions | false;
  readonly clock: Clock;
  readonly log: Log;
}

/** What kubeconfigs call the cluster, its user and the context. */
const clusterName = "autocrane-embedded";

/** The node on which all pods run. */
const nodeName = "local";

/** Who may do everything. */
const admin = "kubernetes-admin";

/** A cluster that runs. Dispose of it to end its processes and remove its files. */
export class EmbeddedCluster {
  /** The API server's address. */
  readonly server: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  /** A token that may do everything. */
  readonly token: string;
  /** The API without a connection, for who lives in this process. */
  readonly client: KubeClient;
  /** A folder for files that are to go with the cluster. */
  readonly folder: string;
  readonly #store: ObjectStore;
  readonly #begun: AsyncDisposableStack;

  constructor(parts: {
    url: string;
    ca: string;
    token: string;
    client: KubeClient;
    folder: string;
    store: ObjectStore;
    begun: AsyncDisposableStack;
  }) {
    this.server = parts.url;
    this.ca = parts.ca;
    this.token = parts.token;
    this.client = parts.client;
    this.folder = parts.folder;
    this.#store = parts.store;
    this.#begun = parts.begun;
  }

  /** A kubeconfig file that may do everything; only this user may read it. */
  async kubeconfig(namespace: string = "default"): Promise<string> {
    const path = join(this.folder, `kubeconfig-${namespace}`);
    const { server, ca, token } = this;
    const text = kubeconfigText({ server, ca, token, namespace, name: clusterName });
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    return path;
  }

  /** Forgets what was, so that versions seen before are too old to go on from. */
  compact(): void {
    this.#store.compact();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#begun.disposeAsync();
  }
}

/**
 * Starts a cluster. Nothing of it outlives this process, however that ends.
 *
 * @throws Failure where this system has no addresses for it; nothing is left then
 */
export async function startCluster({ node = false, clock, log }: ClusterOptions): Promise<EmbeddedCluster> {
  // What was begun is ended in the opposite order, also where a later part cannot begin.
  await using begun = new AsyncDisposableStack();
  const store = new ObjectStore();
  const users = new Users();
  let running: RunningNode | undefined;
  const logs: PodLogs = (request, signal) => {
    if (running === undefined) throw notSupported("pods/log without a node");
    return running.logs(request, signal);
  };
  const api = new Api({ store, clock }, logs);
  const guard = begun.adopt(Guard.start({ clock }), (one) => one.close());
  const folder = await Deno.makeTempDir({ prefix: "autocrane-embedded-" });
  await guard.remove(folder);
  const watches = new AbortController();
  const app = apiApp({ api, users, clock, log, signal: watches.signal });
  const { server, subnet } = await takeSubnet((at) => listen(app, at, clock));
  begun.defer(async () => {
    watches.abort();
    await server.end();
  });
  const client = new LocalClient(api, "autocrane-embedded");
  await bootstrap(client);
  const stop = new AbortController();
  const controllers = runControllers({ client, clock, log }, stop.signal);
  begun.defer(async () => {
    stop.abort();
    await Promise.all([controllers, running?.done]);
  });
  const parts = { client, guard, folder, subnet, server, users, clock, log };
  if (node) running = await nodeOf(node, parts, stop.signal);
  const { url, ca } = server;
  return new EmbeddedCluster({
    url,
    ca,
    token: users.tokenOf(admin),
    client,
    folder,
    store,
    begun: begun.move(),
  });
}

/** What a node stands on. */
interface NodeGround {
  readonly client: KubeClient;
  readonly guard: Guard;
  readonly folder: string;
  readonly subnet: Subnet;
  readonly server: ApiServer;
  readonly users: Users;
  readonly clock: Clock;
  readonly log: Log;
}

/** The node on which the pods run. */
async function nodeOf(
  { images, baseEnv = {} }: NodeOptions,
  { client, guard, folder, subnet, server, users, clock, log }: NodeGround,
  signal: AbortSignal,
): Promise<RunningNode> {
  const pods = join(folder, "pods");
  await Deno.mkdir(pods);
  const host = subnet.server.hostname;
  const addresses = Array.from({ length: podAddresses }, (_, n) => subnet.address(n));
  return startNode({
    client,
    name: nodeName,
    addresses: new AddressPool({ host, pods: addresses }),
    folder: pods,
    credentials: ({ metadata, spec }) =>
      Promise.resolve({
        server: server.url,
        ca: server.ca,
        token: users.tokenOf(`system:serviceaccount:${metadata!.namespace}:${spec!.serviceAccountName}`),
        namespace: metadata!.namespace!,
        name: clusterName,
      }),
    guard,
    images,
    deno: [Deno.execPath(), "run", "-q", "-A"],
    baseEnv: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", ...baseEnv },
    cwd: Deno.cwd(),
    version: apiVersion,
    clock,
    log,
  }, signal);
}
