/**
 * Rollouts over an API in memory: pods, deployers, repository and time are what a test says.
 *
 * @module
 */
import type { KubeClient, KubeRequest } from "../../../k8s/client.ts";
import { type ConfigMap, CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import type { Catalogue } from "../../../lib/contract/data_catalogue.ts";
import {
  type DataState,
  type DataStatus,
  type DataVersion,
  formatDataStatus,
  parseDataRequest,
} from "../../../lib/contract/data_version.ts";
import type { ContentId, Digest } from "../../../lib/contract/ids.ts";
import { prefix, type StringMap } from "../../../lib/contract/keys.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { Api } from "../../../lib/embedded/api/api.ts";
import { LocalClient } from "../../../lib/embedded/api/client.ts";
import { ObjectStore } from "../../../lib/embedded/api/store.ts";
import { isStatus } from "../../../lib/kube/errors.ts";
import type { Recorder } from "../../../lib/kube/recorder.ts";
import { View } from "../../../lib/orchestrator/observe.ts";
import { Requester } from "../../../lib/orchestrator/rollout/act.ts";
import type { RolloutLimits } from "../../../lib/orchestrator/rollout/model.ts";
import { DataObserver } from "../../../lib/orchestrator/rollout/observe.ts";
import { Problems } from "../../../lib/orchestrator/rollout/problems.ts";
import { Rollouts } from "../../../lib/orchestrator/rollout/rollouts.ts";
import type { RolloutState } from "../../../lib/orchestrator/rollout/state.ts";
import { readHeld, StateStore } from "../../../lib/orchestrator/rollout/store.ts";
import { Teller } from "../../../lib/orchestrator/rollout/telling.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";

/** A version that differs from every other number's. */
export function version(n: number): DataVersion {
  const hex = n.toString(16).padStart(64, "0");
  return {
    path: `${n.toString(16)}-${hex.slice(-8)}.tar`,
    hash: hex.toUpperCase(),
    time: n,
    digest: `sha256:${hex}` as Digest,
    version: `sha256:${hex}` as ContentId,
  };
}

/** A minute of probation, a quarter of the pods. */
export const limits: RolloutLimits = {
  canaryPercent: 25,
  probation: 60_000,
  failingPercent: 0,
  applyDeadline: 120_000,
};

/** A client that tells of each write, and lets a test refuse it. */
class Watched implements KubeClient {
  readonly writes: KubeRequest[] = [];
  /** Throws where the write is to fail. */
  refuse: (request: KubeRequest) => void = () => {};
  /** How long a write takes. */
  slow: () => Promise<void> = () => Promise.resolve();
  /** The most writes that were under way at once. */
  most = 0;
  #underWay = 0;
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async json<T>(request: KubeRequest): Promise<T> {
    if (request.method === "GET") return await this.#client.json(request);
    this.most = Math.max(this.most, ++this.#underWay);
    try {
      await this.slow();
      this.refuse(request);
      this.writes.push(request);
      return await this.#client.json(request);
    } finally {
      this.#underWay--;
    }
  }

  watch = <T>(request: KubeRequest) => this.#client.watch<T>(request);
  text = (request: KubeRequest) => this.#client.text(request);
  stream = (request: KubeRequest) => this.#client.stream(request);
}

/** One orchestrator's part in data rollouts. */
export class Orchestrator {
  readonly writer: Watched;
  /** Events: on what, and why. */
  readonly events: string[] = [];
  readonly registry = new Registry();
  readonly rollouts: Rollouts;
  leads = true;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(cluster: Cluster, { dryRun = false }: { readonly dryRun?: boolean } = {}) {
    const { client, clock } = cluster;
    const { registry } = this;
    this.writer = new Watched(client);
    const common = { clock, log: silentLog, fieldManager: fieldManager.orchestrate };
    const view = new View({
      ...common,
      client,
      namespaces: ["shop", "depot"],
      proberLease: { namespace: "autocrane", name: "prober" },
      proberFieldManager: fieldManager.watchdogprober,
    });
    const store = new StateStore({ ...common, client, writer: this.writer, own: "autocrane" });
    const recorder: Pick<Recorder, "record"> = {
      record: ({ kind, name }, { reason }) => void this.events.push(`${kind}/${name} ${reason}`),
    };
    const teller = new Teller({ recorder, own: "autocrane", log: silentLog, registry });
    this.rollouts = new Rollouts({
      ...common,
      observer: new DataObserver({
        observe: () => view.observeData(),
        catalogue: () => cluster.catalogue,
        repositoryUrl: "http://datarepo",
      }),
      store,
      requester: new Requester({
        ...common,
        writer: this.writer,
        podAt: (namespace, name) => view.podAt(namespace, name),
        wrote: (pod) => view.wrote(pod),
        told: (namespace, requests, outcome) => teller.asked(namespace, requests, outcome),
        random: () => 0,
      }),
      teller,
      problems: new Problems({ namespace: "autocrane", serviceAccount: "datarepo" }),
      limits,
      dryRun,
      watches: (namespace) => ["shop", "depot"].includes(namespace),
      repositoryUrl: "http://datarepo",
      leads: () => this.leads,
      random: () => 0,
    });
    view.tellOfData(this.rollouts);
    this.#running = Promise.all([view.run(this.#end.signal), store.run(this.#end.signal)]);
  }

  /** What was written, in its order: `data-shop`, or `web-1`. */
  get written(): string[] {
    return this.writer.writes.map(({ path, body }) =>
      path.split("/").at(-1)!.replace("configmaps", (body as ConfigMap).metadata!.name!)
    );
  }

  /** Ends as a process does that is killed: whatever it has begun is given up. */
  async kill(): Promise<void> {
    this.leads = false;
    this.writer.refuse = () => {
      throw new Error("the process has ended");
    };
    await this.rollouts.stop();
    this.#end.abort();
    await this.#running;
  }
}

/** A cluster with a repository, for one test. */
export class Cluster implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly client: KubeClient;
  readonly core: CoreV1Api;
  catalogue: Catalogue | undefined = new Map();
  readonly #orchestrators: Orchestrator[] = [];

  private constructor() {
    const api = new Api({ store: new ObjectStore(), clock: this.clock }, () => new Blob().stream());
    this.client = new LocalClient(api, "tests");
    this.core = new CoreV1Api(this.client);
  }

  /** A cluster with so many pods in `shop` that deploy `config`. */
  static async start(pods = 4): Promise<Cluster> {
    const cluster = new Cluster();
    for (const name of ["shop", "depot", "autocrane"]) {
      await cluster.core.createNamespace({ metadata: { name } });
    }
    for (let n = 0; n < pods; n++) await cluster.pod(`web-${n}`);
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#orchestrators) await one.kill();
  }

  /** Starts an orchestrator that leads. */
  async orchestrator(options: { readonly dryRun?: boolean } = {}): Promise<Orchestrator> {
    const orchestrator = new Orchestrator(this, options);
    this.#orchestrators.push(orchestrator);
    await this.pass(100);
    await orchestrator.rollouts.start();
    await this.pass(200);
    return orchestrator;
  }

  /** The repository has these versions of `config`. */
  push(...numbers: number[]): void {
    this.catalogue = new Map([["config", { versions: numbers.map(version) }]]);
    for (const { rollouts } of this.#orchestrators) rollouts.changedAll();
  }

  /** Lets time pass, in steps that let watches keep up. */
  async pass(ms: number): Promise<void> {
    const step = Math.max(50, ms / 20);
    for (let left = ms; left > 0; left -= step) await this.clock.advance(Math.min(step, left));
  }

  /** Makes a running, ready pod. */
  async pod(name: string, annotations: StringMap = {}, namespace = "shop"): Promise<void> {
    const metadata = { name, annotations: { "data.autocrane.io/config": "config", ...annotations } };
    const spec = { nodeName: "n1", containers: [{ name: "app", image: "app" }] };
    const pods = this.core.namespace(namespace);
    await pods.createPod({ metadata, spec });
    const conditions = [{ type: "Ready", status: "True" }];
    const status = { phase: "Running", podIP: "10.0.0.1", conditions } as Pod["status"];
    await pods.patchPodStatus(name, { type: "merge", body: { status } });
  }

  async get(name: string): Promise<Pod> {
    return await this.core.namespace("shop").getPod(name);
  }

  /** Changes annotations of a pod. */
  async annotate(name: string, annotations: StringMap, manager = "tests"): Promise<void> {
    await this.core.namespace("shop").patchPod(
      name,
      { type: "merge", body: { metadata: { annotations: { ...annotations } } } },
      { fieldManager: manager },
    );
  }

  /** The number of the version that a pod is asked for; 0 where there is none. */
  async askedOf(name: string): Promise<number> {
    return requestOn(await this.get(name));
  }

  /** What all pods are asked for, in the order of their names. */
  async asked(): Promise<number[]> {
    const { items } = await this.core.namespace("shop").getPodList();
    return items.map(requestOn);
  }

  /** The prober tells what a pod's deployer says. */
  async tell(
    name: string,
    n: number,
    state: DataState = "applied",
    more: Partial<DataStatus> = {},
  ): Promise<void> {
    const probed = state === "applied" ? { probed: Math.floor(this.clock.now() / 1000) } : {};
    const status = formatDataStatus({ ...version(n), state, message: "", ...probed, ...more });
    await this.annotate(name, { [`${prefix.dataStatus}config`]: status }, fieldManager.watchdogprober);
  }

  /** Every pod applies what it is asked for. */
  async applyAll(): Promise<void> {
    const { items } = await this.core.namespace("shop").getPodList();
    for (const pod of items) {
      const n = requestOn(pod);
      if (n > 0) await this.tell(pod.metadata!.name!, n);
    }
    await this.pass(200);
  }

  /** A watchdog's status as an application posts it. */
  async watchdog(name: string, level: "error" | "info"): Promise<void> {
    await this.annotate(name, { "status.autocrane.io/app": `${level}/2026-01-31T12:00:00/x` });
  }

  /** The ConfigMap of `shop`, if there is one. */
  async configMap(): Promise<ConfigMap | undefined> {
    try {
      return await this.core.namespace("autocrane").getConfigMap("data-shop");
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** The state as it is written. */
  async state(): Promise<RolloutState> {
    const held = readHeld((await this.configMap())!);
    if (!held || "problem" in held.state) throw new Error("the state cannot be read");
    return held.state;
  }
}

/** Four pods, or so many, whose version 1 is known to be good, and the orchestrator that found that. */
export async function judged(pods = 4): Promise<{ cluster: Cluster; orchestrator: Orchestrator }> {
  const cluster = await Cluster.start(pods);
  cluster.push(1);
  const orchestrator = await cluster.orchestrator();
  await cluster.applyAll();
  await cluster.pass(70_000);
  return { cluster, orchestrator };
}

function requestOn({ metadata }: Pod): number {
  const value = metadata?.annotations?.[`${prefix.dataRequest}config`];
  const request = value === undefined ? undefined : parseDataRequest(value);
  return request && !("problem" in request) ? request.time : 0;
}
