/**
 * A cluster for one test file: a real control plane, nodes without containers, and AutoCrane's service accounts
 * with just their Roles.
 *
 * @module
 */
import { AppsV1Api } from "../../../k8s/apps_v1.ts";
import { CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import { RbacAuthorizationV1Api } from "../../../k8s/rbac_authorization_v1.ts";
import type { PolicyRule } from "../../../k8s/rbac_authorization_v1.ts";
import { fixedCredentials } from "../../../lib/kube/credentials.ts";
import { Transport } from "../../../lib/kube/transport.ts";
import { type Rights, rights } from "../../../lib/manifests/roles.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { findBinaries } from "../../../scripts/cluster/build.ts";
import { type ControlPlane, startControlPlane } from "../../../scripts/cluster/control_plane.ts";
import { type Write, writesIn } from "./audit.ts";
import { Kubelet } from "./kubelet.ts";
import { PodServers } from "./pod_servers.ts";
import { Program } from "./program.ts";
import { tokenFor } from "./tokens.ts";
import { until } from "./wait.ts";

/** AutoCrane's own namespace. */
export const home = "autocrane";

/** A mode with rights of its own. */
export type Mode = keyof typeof rights;

const binaries = await findBinaries();

/** Why there can be no cluster here; the tests that need one are skipped then. */
export const missing: string | undefined = "missing" in binaries ? binaries.missing : undefined;

/** The cluster of a test file. */
export class Cluster {
  readonly plane: ControlPlane;
  readonly client: Transport;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly kubelet: Kubelet;
  readonly servers: PodServers;
  readonly #rbac: RbacAuthorizationV1Api;
  readonly programs: Program[] = [];
  #namespaces = 0;

  private constructor(plane: ControlPlane) {
    this.plane = plane;
    this.client = new Transport({
      access: {
        server: plane.server,
        ca: () => Promise.resolve(plane.ca),
        credentials: fixedCredentials({ authorization: `Bearer ${plane.adminToken}` }),
        namespace: "default",
      },
      clock: systemClock,
      userAgent: "tests",
    });
    this.core = new CoreV1Api(this.client);
    this.apps = new AppsV1Api(this.client);
    this.#rbac = new RbacAuthorizationV1Api(this.client);
    this.kubelet = new Kubelet(this.client);
    this.servers = new PodServers();
  }

  static async start(): Promise<Cluster> {
    if ("missing" in binaries) throw new Error(binaries.missing);
    const cluster = new Cluster(await startControlPlane({ binaries: binaries.folder }));
    await cluster.core.createNamespace({ metadata: { name: home } });
    await cluster.kubelet.addNode();
    for (const mode of Object.keys(rights) as Mode[]) await cluster.#createAccount(mode, rights[mode]);
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.programs) await program[Symbol.asyncDispose]();
    await this.kubelet[Symbol.asyncDispose]();
    await this.servers[Symbol.asyncDispose]();
    this.client.close();
    await this.plane[Symbol.asyncDispose]();
  }

  /** A namespace that no other test uses. */
  async namespace(annotations: Record<string, string> = {}): Promise<string> {
    const name = `shop-${++this.#namespaces}`;
    await this.core.createNamespace({ metadata: { name, annotations } });
    // Pods are refused until their namespace has its service account.
    await until(
      `${name} has a service account`,
      () => this.core.namespace(name).getServiceAccount("default"),
    );
    return name;
  }

  /** Starts a program with its own service account; it ends with the cluster at the latest. */
  async run(
    mode: Mode | "testworkload",
    args: readonly string[] = [],
    { kubeconfig, env }: { kubeconfig?: string; env?: Record<string, string> } = {},
  ): Promise<Program> {
    const path = mode === "testworkload" ? "" : kubeconfig ?? await this.kubeconfig(mode);
    const program = await Program.start({
      mode,
      args,
      folder: this.plane.folder,
      env: { KUBECONFIG: path, Pod__Namespace: home, ...env },
    });
    this.programs.push(program);
    return program;
  }

  /** Runs a program that ends by itself. */
  async call(
    mode: Mode,
    args: readonly string[],
    options: { kubeconfig?: string; env?: Record<string, string> } = {},
  ): Promise<{ code: number; output: string }> {
    const env = { AutoCrane__LogFormat: "text", ...options.env };
    const program = await this.run(mode, args, { ...options, env });
    const code = await program.process.exit(30_000);
    return { code, output: program.process.output() };
  }

  /** A kubeconfig file with a program's own token. */
  async kubeconfig(mode: Mode, server: string = this.plane.server): Promise<string> {
    return await this.plane.kubeconfig(await this.token(mode), server);
  }

  /** A token of a program's service account. */
  async token(mode: Mode, seconds?: number): Promise<string> {
    const account = await this.core.namespace(home).getServiceAccount(mode);
    return await tokenFor(this.plane, account, seconds);
  }

  /** What the programs from this one on printed last: said when a test fails. */
  lastWords(from: number): string {
    const last = ({ mode, process }: Program) =>
      `${mode} printed last:\n${process.output().split("\n").slice(-12).join("\n")}`;
    return this.programs.slice(from).map(last).join("\n");
  }

  /** The pods of one workload, oldest name first. */
  async pods(namespace: string, workload: string): Promise<Pod[]> {
    const { items } = await this.core.namespace(namespace).getPodList({ labelSelector: `app=${workload}` });
    return items.sort((a, b) => (a.metadata!.name! < b.metadata!.name! ? -1 : 1));
  }

  /** The pods of one workload once so many of them are ready, and no other is there. */
  async readyPods(namespace: string, workload: string, count: number): Promise<Pod[]> {
    return await until(`${count} pods of ${workload} are ready`, async () => {
      const pods = await this.pods(namespace, workload);
      return pods.length === count && pods.every(isReady) && pods;
    });
  }

  /** The writes of one program so far, its Lease renewals left out. */
  async writes(mode: Mode): Promise<Write[]> {
    const all = await writesIn(this.plane.auditLog);
    return all.filter(({ user, resource }) => user === mode && resource !== "leases");
  }

  /** Writes a status on a pod as an application does; `null` removes it. Nobody tells the label. */
  async post(pod: Pod, watchdog: string, level: "error" | "warning" | "info" | null): Promise<void> {
    const { namespace, name } = pod.metadata!;
    const value = level && `${level}/${new Date().toISOString().slice(0, 19)}/posted by a test`;
    const annotations = { [`status.autocrane.io/${watchdog}`]: value };
    await this.core.namespace(namespace!).patchPod(name!, {
      type: "merge",
      body: { metadata: { annotations } },
    });
  }

  /** The Events of a namespace that AutoCrane wrote, oldest first. */
  async events(namespace: string): Promise<{ pod: string; reason: string; note: string }[]> {
    const { items } = await this.core.namespace(namespace).getEventList();
    return items
      .filter(({ reportingComponent }) => reportingComponent?.startsWith("autocrane.io/"))
      .sort((a, b) => (a.eventTime! < b.eventTime! ? -1 : 1))
      .map(({ involvedObject, reason, message }) => ({
        pod: involvedObject.name ?? "",
        reason: reason ?? "",
        note: message ?? "",
      }));
  }

  /** The first Event on a pod with this reason, once there is one. */
  async event(pod: Pod, reason: string, within?: number): Promise<string> {
    const { namespace, name } = pod.metadata!;
    return await until(`an Event ${reason} on ${name}`, async () => {
      const events = await this.events(namespace!);
      return events.find((event) => event.pod === name && event.reason === reason)?.note;
    }, within);
  }

  /** Gives a program other rights than its own, until `restore` is called. */
  async replaceRights(mode: Mode, watched: readonly PolicyRule[]): Promise<void> {
    await this.#rbac.patchClusterRole(`autocrane-${mode}`, {
      type: "merge",
      body: { rules: [...watched] },
    });
  }

  async #createAccount(mode: Mode, { watched, own, cluster }: Rights): Promise<void> {
    const metadata = { name: `autocrane-${mode}` };
    const subjects = [{ kind: "ServiceAccount", namespace: home, name: mode }];
    const apiGroup = "rbac.authorization.k8s.io";
    await this.core.namespace(home).createServiceAccount({ metadata: { name: mode } });
    const rules = [...watched, ...cluster];
    await this.#rbac.createClusterRole({ metadata, rules });
    const clusterRole = { apiGroup, kind: "ClusterRole", name: metadata.name };
    await this.#rbac.createClusterRoleBinding({ metadata, subjects, roleRef: clusterRole });
    if (own.length === 0) return;
    const inHome = this.#rbac.namespace(home);
    await inHome.createRole({ metadata, rules: [...own] });
    const role = { apiGroup, kind: "Role", name: metadata.name };
    await inHome.createRoleBinding({ metadata, subjects, roleRef: role });
  }
}

/** Whether a pod runs, is ready and is to stay. */
export function isReady({ metadata, status }: Pod): boolean {
  return !metadata?.deletionTimestamp &&
    (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");
}
