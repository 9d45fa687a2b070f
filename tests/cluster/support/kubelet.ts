/**
 * What nodes do, without containers, and without the processes that lib/embedded/node has for them: pods are bound,
 * run at once with an address on loopback, and end when they are told to.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { type Container, type ContainerStatus, CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import type { PodUid } from "../../../lib/contract/ids.ts";
import { follow, type Followed } from "../../../lib/kube/follow.ts";
import { isStatus } from "../../../lib/kube/errors.ts";
import { sourcesOver } from "../../../lib/kube/sources.ts";
import type { Change } from "../../../lib/kube/store.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { FairSlots } from "../../../lib/watchdog/prober/slots.ts";
import { silentLog as log } from "../../support/silent_log.ts";

/** The node on which pods run unless they say otherwise. */
export const node = "node-1";

/** Runs the pods of every node. */
export class Kubelet {
  readonly #client: KubeClient;
  readonly #core: CoreV1Api;
  readonly #pods: Followed<Pod, Pod>;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #failures: unknown[] = [];
  /** An API server is not asked for more at once. */
  readonly #slots = new FairSlots({ total: 48, perPod: 1 });
  /** By uid: a pod keeps its address, however old the pod that is looked at. */
  readonly #addresses = new Map<string, string>();
  /** Whether pods that are told to end do so. */
  endsPods = true;
  /** Whether new pods become ready. */
  startsReady: (pod: Pod) => boolean = () => true;
  /** The address of the nth pod: of 127.1.0.0/16 and on, unless a test needs others. */
  address: (n: number) => string = (n) =>
    `127.${1 + Math.floor(n / 62_500)}.${Math.floor(n / 250) % 250}.${1 + n % 250}`;

  constructor(client: KubeClient) {
    this.#client = client;
    this.#core = new CoreV1Api(client);
    const source = sourcesOver(client).pods;
    this.#pods = follow({ what: "pods", namespaces: ["*"], source, trim: (pod: Pod) => pod, clock, log });
    this.#pods.store.onChange(({ after }) => after && this.#look(after));
    this.#work = this.#pods.run(this.#stop.signal);
  }

  /** Adds a node that is Ready. */
  async addNode(name: string = node): Promise<void> {
    await this.#core.createNode({ metadata: { name } });
    // New nodes are tainted as not ready, and the controller that would see otherwise does not run.
    await this.#core.patchNode(name, { type: "merge", body: { spec: { taints: [] } } });
    await this.setNodeReady(name, true);
  }

  /** Makes a node Ready, or not. */
  async setNodeReady(name: string, ready: boolean): Promise<void> {
    const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
    await this.#core.patchNodeStatus(name, { type: "merge", body: { status: { conditions } } });
  }

  /** The pods of a namespace that run. */
  running(namespace: string): Pod[] {
    return [...this.#pods.store.values()].filter(({ metadata, status }) =>
      metadata?.namespace === namespace && status?.phase === "Running"
    );
  }

  /** Tells of every change of a pod from now on. */
  onChange(told: (change: Change<Pod>) => void): void {
    this.#pods.store.onChange(told);
  }

  /** Makes all of a pod's containers ready, or not. */
  async setReady(namespace: string, name: string, ready: boolean): Promise<void> {
    const pod = await this.#core.namespace(namespace).getPod(name);
    await this.#report(pod, { ready: () => ready });
  }

  /** Makes one of a pod's containers ready, or not; the pod is ready when all are. */
  async setContainerReady(namespace: string, name: string, container: string, ready: boolean): Promise<void> {
    const pod = await this.#core.namespace(namespace).getPod(name);
    const held = new Map(pod.status?.containerStatuses?.map((one) => [one.name, one.ready]));
    held.set(container, ready);
    await this.#report(pod, { ready: (one) => held.get(one) ?? false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
    await Promise.all(this.#busy.values());
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, "the nodes failed");
  }

  /** One piece of work a pod at a time; the next change looks again. */
  #look(pod: Pod): void {
    const uid = pod.metadata!.uid! as PodUid;
    if (this.#busy.has(uid) || this.#stop.signal.aborted) return;
    const work = this.#workFor(pod);
    if (!work) return;
    const done = this.#slots.run({ namespace: "", pod: uid }, work)
      .catch((error) => {
        // The next look sees what changed.
        if (isStatus(error, 404) || isStatus(error, 409) || this.#stop.signal.aborted) return;
        this.#failures.push(error);
      })
      .finally(() => {
        this.#busy.delete(uid);
        const now = this.#pods.store.get(`${pod.metadata!.namespace}/${pod.metadata!.name}`);
        if (now && now.metadata!.resourceVersion !== pod.metadata!.resourceVersion) this.#look(now);
      });
    this.#busy.set(uid, done);
  }

  #workFor(pod: Pod): (() => Promise<void>) | undefined {
    const { name, namespace, deletionTimestamp } = pod.metadata!;
    if (deletionTimestamp) {
      if (!this.endsPods) return undefined;
      return async () =>
        void await this.#core.namespace(namespace!).deletePod(name!, { gracePeriodSeconds: 0 });
    }
    if (!pod.spec?.nodeName) return () => this.#bind(pod);
    if (pod.status?.phase === "Pending") {
      return () => this.#report(pod, { ready: () => this.startsReady(pod) });
    }
    return undefined;
  }

  /** As a scheduler would: a DaemonSet's pod goes where its affinity says. */
  async #bind(pod: Pod): Promise<void> {
    const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms;
    const wanted = terms?.[0]?.matchFields?.[0]?.values?.[0] ?? node;
    const { name, namespace } = pod.metadata!;
    await this.#client.json({
      method: "POST",
      path: `/api/v1/namespaces/${namespace}/pods/${name}/binding`,
      body: { apiVersion: "v1", kind: "Binding", metadata: { name }, target: { kind: "Node", name: wanted } },
    });
  }

  async #report(pod: Pod, { ready }: { ready: (container: string) => boolean }): Promise<void> {
    const statusOf = ({ name, image }: Container): ContainerStatus => ({
      name,
      image: image ?? "",
      imageID: "",
      ready: ready(name),
      restartCount: 0,
      started: true,
      state: { running: { startedAt: now() } },
    });
    const { containers = [], initContainers = [] } = pod.spec ?? {};
    const containerStatuses = containers.map(statusOf);
    const initContainerStatuses = initContainers.filter((one) => one.restartPolicy === "Always").map(
      statusOf,
    );
    const all = containerStatuses.every((one) => one.ready) ? "True" : "False";
    const podIP = pod.status?.podIP ?? this.#addressOf(pod);
    const conditions = [
      ...(pod.status?.conditions ?? []).filter(({ type }) => type === "DisruptionTarget"),
      ...["PodScheduled", "Initialized"].map((type) => ({ type, status: "True" })),
      ...["ContainersReady", "Ready"].map((type) => ({ type, status: all, lastTransitionTime: now() })),
    ];
    const status = {
      phase: "Running",
      podIP,
      podIPs: [{ ip: podIP }],
      hostIP: "127.0.0.1",
      startTime: pod.status?.startTime ?? now(),
      containerStatuses,
      ...(initContainerStatuses.length > 0 && { initContainerStatuses }),
      conditions,
    };
    const { name, namespace, uid } = pod.metadata!;
    await this.#core.namespace(namespace!).patchPodStatus(name!, {
      type: "merge",
      body: { metadata: { uid }, status },
    });
  }

  #addressOf({ metadata }: Pod): string {
    const address = this.#addresses.get(metadata!.uid!) ?? this.address(this.#addresses.size);
    this.#addresses.set(metadata!.uid!, address);
    return address;
  }
}

function now(): string {
  return new Date().toISOString();
}
