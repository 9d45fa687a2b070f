/**
 * A real control plane on loopback: etcd, kube-apiserver, kube-controller-manager, in a folder that goes with it.
 *
 * @module
 */
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { kubeconfigText } from "../../lib/kube/kubeconfig_text.ts";
import { messageOf } from "../../lib/runtime/failure.ts";
import { Guarded } from "./process.ts";

/** What may differ from one control plane to another. */
export interface ControlPlaneOptions {
  /** Where {@link programs} are. */
  readonly binaries: string;
  /** Further flags for kube-apiserver. */
  readonly apiserverFlags?: readonly string[];
}

/** The user of the token: may do everything. */
const adminToken = "autocrane-admin";

/** Controllers that the tests need. Without the node lifecycle controller a node stays as a test made it. */
const controllers = [
  "deployment-controller",
  "replicaset-controller",
  "statefulset-controller",
  "daemonset-controller",
  "job-controller",
  "disruption-controller",
  "serviceaccount-controller",
  "namespace-controller",
  "garbage-collector-controller",
];

/** Every write at the level of its metadata: who changed what, and with which result. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "None" },
  ],
};

/** A running control plane. Dispose of it to end its processes and remove its folder. */
export class ControlPlane {
  /** The API server's address. */
  readonly server: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  readonly adminToken: string = adminToken;
  /** Where etcd serves its clients, in plain text. */
  readonly etcd: string;
  /** A folder for files that are to go with the control plane. */
  readonly folder: string;
  readonly #start: () => Promise<Guarded>;
  readonly #others: Guarded[];
  #apiserver: Guarded;

  constructor(parts: {
    server: string;
    ca: string;
    etcd: string;
    folder: string;
    apiserver: Guarded;
    start: () => Promise<Guarded>;
    others: Guarded[];
  }) {
    this.server = parts.server;
    this.ca = parts.ca;
    this.etcd = parts.etcd;
    this.folder = parts.folder;
    this.#apiserver = parts.apiserver;
    this.#start = parts.start;
    this.#others = parts.others;
  }

  /** The API server's process, to be stopped, continued or killed. */
  get apiserver(): Guarded {
    return this.#apiserver;
  }

  /** Where the audit log is: one JSON event a line. */
  get auditLog(): string {
    return join(this.folder, "audit.log");
  }

  /** Starts the API server again, on the same port with the same data, after it was ended. */
  async restart(): Promise<void> {
    await this.#apiserver.end();
    this.#apiserver = await this.#start();
  }

  /** A kubeconfig file for a token. */
  async kubeconfig(token: string = adminToken, server: string = this.server): Promise<string> {
    const path = join(this.folder, `kubeconfig-${crypto.randomUUID().slice(0, 8)}`);
    const ca = server.startsWith("https:") ? this.ca : undefined;
    const text = kubeconfigText({ server, token, name: "test", ...(ca !== undefined && { ca }) });
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#others, this.#apiserver].map((process) => process.end()));
    await Deno.remove(this.folder, { recursive: true });
  }
}

/**
 * Starts a control plane; about 4 seconds.
 *
 * @throws Error with the end of the API server's log, where it does not become ready
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  for (let attempt = 1;; attempt++) {
    try {
      return await attemptStart(options);
    } catch (error) {
      // Between finding a port free and taking it somebody else may take it.
      if (attempt === 3 || !messageOf(error).includes("address already in use")) throw error;
    }
  }
}

async function attemptStart(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await Deno.makeTempDir({ prefix: "autocrane-cluster-" });
  const started: Guarded[] = [];
  try {
    return await start(options, folder, started);
  } catch (error) {
    await Promise.all(started.map((process) => process.end()));
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function start(
  options: ControlPlaneOptions,
  folder: string,
  started: Guarded[],
): Promise<ControlPlane> {
  const [etcdPort, peerPort, apiPort] = freePorts(3);
  await writeFiles(folder);
  const run = async (name: string, args: readonly string[]) => {
    const process = await Guarded.start({
      command: join(options.binaries, name),
      args,
      log: join(folder, `${name}.log`),
    });
    started.push(process);
    return process;
  };
  const etcd = await run("etcd", etcdFlags(folder, etcdPort!, peerPort!));
  const flags = [...apiserverFlags(folder, etcdPort!, apiPort!), ...(options.apiserverFlags ?? [])];
  const server = `https://127.0.0.1:${apiPort}`;
  const startApiserver = async () => {
    const process = await run("kube-apiserver", flags);
    await untilReady(server, folder, [etcd, process]);
    return process;
  };
  const apiserver = await startApiserver();
  const ca = await Deno.readTextFile(join(folder, "apiserver.crt"));
  const others = [etcd];
  const parts = { server, ca, etcd: `http://127.0.0.1:${etcdPort}`, folder };
  const plane = new ControlPlane({ ...parts, apiserver, start: startApiserver, others });
  others.push(await run("kube-controller-manager", controllerManagerFlags(folder, await plane.kubeconfig())));
  return plane;
}

async function writeFiles(folder: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const files = {
    "sa.key": privateKey,
    "sa.pub": publicKey,
    "tokens.csv": `${adminToken},admin,admin,system:masters\n`,
    "audit.json": JSON.stringify(auditPolicy),
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
  }
}

function etcdFlags(folder: string, port: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${join(folder, "etcd")}`,
    "--unsafe-no-fsync",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--log-level=warn",
  ];
}

function apiserverFlags(folder: string, etcdPort: number, port: number): string[] {
  const file = (name: string) => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${file("tokens.csv")}`,
    "--authorization-mode=Node,RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("sa.pub")}`,
    `--service-account-signing-key-file=${file("sa.key")}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--endpoint-reconciler-type=none",
    `--audit-policy-file=${file("audit.json")}`,
    `--audit-log-path=${file("audit.log")}`,
    "--audit-log-mode=blocking",
  ];
}

function controllerManagerFlags(folder: string, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    `--controllers=${controllers.join(",")}`,
    `--service-account-private-key-file=${join(folder, "sa.key")}`,
    `--root-ca-file=${join(folder, "apiserver.crt")}`,
    "--secure-port=0",
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
  ];
}

/** Ports that were free a moment ago. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

async function untilReady(server: string, folder: string, processes: readonly Guarded[]): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && processes.every(({ alive }) => alive)) {
    if (await isReady(server, folder)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const last = processes.map((process) => process.output().split("\n").slice(-10).join("\n"));
  throw new Error(`kube-apiserver did not become ready:\n${last.join("\n")}`);
}

async function isReady(server: string, folder: string): Promise<boolean> {
  try {
    const ca = await Deno.readTextFile(join(folder, "apiserver.crt"));
    using client = Deno.createHttpClient({ caCerts: [ca], http2: false });
    const headers = { authorization: `Bearer ${adminToken}` };
    const response = await fetch(`${server}/readyz`, { client, headers, signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
