/**
 * A node whose pods are processes of this machine: a kubelet, as far as pods and their users can tell.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import { follow, type Followed } from "../../kube/follow.ts";
import type { TokenAccess } from "../../kube/kubeconfig_text.ts";
import type { Change } from "../../kube/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Guard } from "../../runtime/guard.ts";
import type { Log } from "../../runtime/log.ts";
import type { PodLogs } from "../api/pod_logs.ts";
import type { AddressPool } from "./addresses.ts";
import { ConfigMaps } from "./config_maps.ts";
import { type CrashTimes, kubeletTimes } from "./crash_backoff.ts";
import { NodeEvents } from "./events.ts";
import { podLogs } from "./logs.ts";
import { PodWorker } from "./pod_worker.ts";
import { Registration } from "./registration.ts";
import type { Machine, NodeTools } from "./tools.ts";

/** What a node is made of. */
export interface NodeOptions extends Machine {
  readonly client: KubeClient;
  /** The Node's name. */
  readonly name: string;
  /** Its pods' addresses, and its own. */
  readonly addresses: AddressPool;
  /** An existing folder for the pods' folders, as an absolute path. Whoever made it removes it. */
  readonly folder: string;
  /** A pod's own way to the API server: its token, and the kubeconfig that its containers find. */
  readonly credentials: (pod: Pod) => Promise<TokenAccess>;
  /** Ends the pods' processes where this process ends without having done so. */
  readonly guard: Guard;
  /** What the Node tells as its kubelet's version: `v1.37.2`. */
  readonly version: string;
  /** How long containers that crash wait to be started again, if not as the kubelet has it. */
  readonly crashTimes?: CrashTimes;
  readonly clock: Clock;
  readonly log: Log;
}

/** A node that works. */
export interface RunningNode {
  /** Reads its containers' logs. */
  readonly logs: PodLogs;
  /** Resolves when the node has ended, with all processes of its pods. */
  readonly done: Promise<void>;
}

/** How many pods a node takes: the kubelet's number. */
const mostPods = 110;

/** How long the pods' processes may take to end when the node does, milliseconds. */
const lastGrace = 2500;

/**
 * Starts a node: it registers itself and runs the pods that are bound to it, until the signal aborts.
 *
 * @throws Failure where this machine has none of the addresses
 */
export function startNode(options: NodeOptions, signal: AbortSignal): RunningNode {
  options.addresses.check();
  const node = new LocalNode(options);
  return { logs: node.logs, done: node.run(signal) };
}

class LocalNode {
  readonly logs: PodLogs;
  readonly #tools: NodeTools;
  readonly #registration: Registration;
  readonly #pods: Followed<Pod, Pod>;
  /** By uid. */
  readonly #workers = new Map<string, PodWorker>();
  #ends = false;

  constructor({ client, name, version, ...options }: NodeOptions) {
    const { clock, log, addresses, crashTimes = kubeletTimes } = options;
    const core = new CoreV1Api(client);
    const capacity = capacityOfThisMachine();
    this.#tools = {
      ...options,
      ...{ core, capacity, crashTimes },
      events: new NodeEvents({ core, node: name, clock, log }),
      configMaps: new ConfigMaps({ client, clock, log }),
    };
    this.#registration = new Registration({
      client,
      name,
      address: addresses.host,
      capacity,
      version,
      clock,
      log,
    });
    this.#pods = podsOf(name, core, clock, log);
    this.#pods.store.onChange((change) => this.#take(change));
    this.#tools.configMaps.onChange((namespace) => {
      for (const worker of this.#workers.values()) {
        if (worker.pod.metadata!.namespace === namespace) worker.lookAtConfigMaps();
      }
    });
    this.logs = podLogs((uid) => this.#workers.get(uid));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#registration.run(signal),
      this.#tools.configMaps.run(signal),
      this.#pods.run(signal),
    ]);
    this.#ends = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.close(lastGrace)));
  }

  #take({ before, after }: Change<Pod>): void {
    const uid = after?.metadata?.uid;
    if (before && before.metadata!.uid !== uid) this.#workers.get(before.metadata!.uid!)?.vanish();
    if (!after || this.#ends) return;
    const worker = this.#workers.get(uid!);
    if (worker) worker.look(after);
    else this.#begin(after);
  }

  #begin(pod: Pod): void {
    const uid = pod.metadata!.uid!;
    const worker = new PodWorker(pod, this.#tools);
    this.#workers.set(uid, worker);
    // A pod that a finalizer holds is still in the API: at its next change a worker finds nothing to end.
    void worker.done.then(() => this.#workers.delete(uid));
  }
}

function podsOf(node: string, core: CoreV1Api, clock: Clock, log: Log): Followed<Pod, Pod> {
  const fieldSelector = `spec.nodeName=${node}`;
  return follow({
    what: `pods of node ${node}`,
    namespaces: ["*"],
    source: () => ({
      list: (page) => core.getPodListForAllNamespaces({ ...page, fieldSelector }),
      watch: (from) => core.watchPodListForAllNamespaces({ ...from, fieldSelector }),
    }),
    trim: (pod: Pod) => pod,
    clock,
    log,
  });
}

function capacityOfThisMachine(): Record<string, string> {
  return {
    cpu: String(navigator.hardwareConcurrency),
    memory: `${Math.floor(Deno.systemMemoryInfo().total / 1024)}Ki`,
    pods: String(mostPods),
  };
}
