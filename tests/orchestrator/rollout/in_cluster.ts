/**
 * Rollouts over an API in memory: pods, deployers, repository and time are what a test says.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import type { KubeClient } from "../../../k8s/client.ts";
import { type ConfigMap, CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import type { Catalogue } from "../../../lib/contract/data_catalogue.ts";
import {
  type DataState,
  type DataStatus,
  formatDataStatus,
  parseDataRequest,
} from "../../../lib/contract/data_version.ts";
import { prefix, type StringMap } from "../../../lib/contract/keys.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { Api } from "../../../lib/embedded/api/api.ts";
import { LocalClient } from "../../../lib/embedded/api/client.ts";
import { ObjectStore } from "../../../lib/embedded/api/store.ts";
import { isStatus } from "../../../lib/kube/errors.ts";
import type { RolloutState } from "../../../lib/orchestrator/rollout/state.ts";
import { readHeld } from "../../../lib/orchestrator/rollout/store.ts";
import { version } from "../../support/data_version.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { Orchestrator } from "./orchestrator_process.ts";

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

  /** Starts an orchestrator, which asks all pods for a first version. */
  async begun(): Promise<Orchestrator> {
    this.push(1);
    return await this.orchestrator();
  }

  /** Starts an orchestrator, and lets it find that version 1 is good, which all pods have then. */
  async judged(): Promise<Orchestrator> {
    const orchestrator = await this.begun();
    await this.applyAll();
    await this.pass(70_000);
    equal((await this.state()).sources.get("config")!.knownGood!.version, version(1).version);
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
  return { cluster, orchestrator: await cluster.judged() };
}

function requestOn({ metadata }: Pod): number {
  const value = metadata?.annotations?.[`${prefix.dataRequest}config`];
  const request = value === undefined ? undefined : parseDataRequest(value);
  return request && !("problem" in request) ? request.time : 0;
}
