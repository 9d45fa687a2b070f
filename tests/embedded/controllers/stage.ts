/**
 * The controllers over an API in memory, with pods that run as soon as they are bound, in time that a test
 * decides.
 *
 * @module
 */
import { AppsV1Api } from "../../../k8s/apps_v1.ts";
import type { KubeClient, KubeRequest } from "../../../k8s/client.ts";
import { CoreV1Api, type Event, type Node, type Pod } from "../../../k8s/core_v1.ts";
import { PolicyV1Api } from "../../../k8s/policy_v1.ts";
import { Api } from "../../../lib/embedded/api/api.ts";
import { LocalClient } from "../../../lib/embedded/api/client.ts";
import { timestamp } from "../../../lib/embedded/api/objects.ts";
import { ObjectStore } from "../../../lib/embedded/api/store.ts";
import { runControllers } from "../../../lib/embedded/controllers/run.ts";
import { isStatus, KubeError } from "../../../lib/kube/errors.ts";
import type { Fields } from "../../../lib/runtime/log.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";

/** Milliseconds that pass from one look at the cluster to the next. */
const tick = 50;

/** Looks until something is given up. */
const mostLooks = 400;

/** A cluster for one test. */
export class Stage {
  readonly clock = new FakeClock();
  readonly client: KubeClient;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly policy: PolicyV1Api;
  /** Which of the controllers' calls are refused, as by a quota. */
  refuses: (request: KubeRequest) => boolean = () => false;
  /** Warnings that the controllers logged. */
  readonly warnings: { message: string; fields?: Fields }[] = [];
  /** Whether pods that are bound run. */
  startsPods = true;
  /** Whether pods that run become ready. */
  readiesPods: (pod: Pod) => boolean = () => true;
  /** Whether pods that are told to go do so. */
  endsPods = true;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;

  private constructor() {
    const api = new Api({ store: new ObjectStore(), clock: this.clock }, () => new Blob().stream());
    this.client = new LocalClient(api, "tests");
    this.core = new CoreV1Api(this.client);
    this.apps = new AppsV1Api(this.client);
    this.policy = new PolicyV1Api(this.client);
    const warn = (message: string, fields?: Fields) => void this.warnings.push({ message, fields });
    const log = { ...silentLog, warn, error: warn };
    this.#work = runControllers({ client: this.#refusing(), clock: this.clock, log }, this.#stop.signal);
  }

  /** Starts the controllers of a cluster with the namespace `shop` and a node, `node-1`. */
  static async start(): Promise<Stage> {
    const stage = new Stage();
    await stage.core.createNamespace({ metadata: { name: "shop" } });
    await stage.addNode("node-1");
    return stage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  /** Adds a node that is Ready. */
  async addNode(name: string, status: Node["status"] = {}): Promise<void> {
    await this.core.createNode({ metadata: { name } });
    const conditions = [{ type: "Ready", status: "True" }];
    const body = { status: { conditions, ...status } };
    await this.core.patchNodeStatus(name, { type: "merge", body });
  }

  /** The pods of `shop`, oldest name first. */
  async pods(): Promise<Pod[]> {
    return (await this.core.namespace("shop").getPodList()).items;
  }

  /** The Events of `shop` on objects of this name, in the order in which they were written. */
  async events(name: string): Promise<Event[]> {
    const { items } = await this.core.namespace("shop").getEventList();
    const number = ({ metadata }: Event) => Number(metadata.resourceVersion);
    return items.filter(({ involvedObject }) => involvedObject.name === name)
      .sort((a, b) => number(a) - number(b));
  }

  /** What {@link events} say. */
  async words(name: string): Promise<string[]> {
    return (await this.events(name)).map(({ reason, message }) => `${reason}: ${message}`);
  }

  /**
   * Lets time pass until `look` gives something other than `undefined` or `false`, and returns it.
   *
   * @throws Error once much has happened and it has not
   */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    for (let looks = 0; looks < mostLooks; looks++) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await this.pass(tick);
    }
    throw new Error(`${what}: it did not come to pass; warnings: ${JSON.stringify(this.warnings)}`);
  }

  /** Lets time pass; the pods follow. */
  async pass(ms: number): Promise<void> {
    await this.#moveOn();
    await this.clock.advance(ms);
  }

  /** Lets time pass until nothing happens any more. */
  async settle(): Promise<void> {
    const version = async () => (await this.core.getPodListForAllNamespaces()).metadata?.resourceVersion;
    let before: string | undefined;
    for (let now = await version(); now !== before; now = await version()) {
      before = now;
      for (let looks = 0; looks < 4; looks++) await this.pass(tick);
    }
  }

  /** Writes part of a pod's status. */
  async report(pod: Pod, status: Pod["status"]): Promise<void> {
    const { namespace, name, uid } = pod.metadata!;
    const body = { metadata: { uid }, status };
    await this.core.namespace(namespace!).patchPodStatus(name!, { type: "merge", body });
  }

  /** Makes a pod ready from now on, or not. */
  async setReady(pod: Pod, ready: boolean): Promise<void> {
    await this.report(pod, { phase: "Running", conditions: this.#conditions(pod, ready) });
  }

  /** What the node does: pods run, and those that are told to go are gone. */
  async #moveOn(): Promise<void> {
    for (const pod of (await this.core.getPodListForAllNamespaces()).items) {
      const { namespace, name, deletionTimestamp } = pod.metadata!;
      const bound = pod.spec?.nodeName !== undefined;
      try {
        if (deletionTimestamp && bound && this.endsPods) {
          await this.core.namespace(namespace!).deletePod(name!, { gracePeriodSeconds: 0 });
        } else if (bound && !deletionTimestamp && pod.status?.phase === "Pending" && this.startsPods) {
          await this.setReady(pod, this.readiesPods(pod));
        }
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
      }
    }
  }

  #refusing(): KubeClient {
    const json = <T>(request: KubeRequest): Promise<T> => {
      if (!this.refuses(request)) return this.client.json<T>(request);
      return Promise.reject(new KubeError(request, 403, { message: "exceeded quota", reason: "Forbidden" }));
    };
    return {
      json,
      watch: (request) => this.client.watch(request),
      text: (request) => this.client.text(request),
      stream: (request) => this.client.stream(request),
    };
  }

  #conditions({ status }: Pod, ready: boolean) {
    const others = (status?.conditions ?? []).filter(({ type }) => type !== "Ready");
    const lastTransitionTime = timestamp(this.clock.now());
    return [...others, { type: "Ready", status: ready ? "True" : "False", lastTransitionTime }];
  }
}
