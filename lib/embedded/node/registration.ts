/**
 * The Node object and its Lease: that there is a node, what it is, and that it lives.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { CoordinationV1Api } from "../../../k8s/coordination_v1.ts";
import { CoreV1Api, type Node, type NodeCondition, type NodeStatus } from "../../../k8s/core_v1.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { loop } from "../../runtime/loop.ts";
import { timeOf } from "./container_status.ts";

/** What is told of a node. */
export interface RegistrationOptions {
  readonly client: KubeClient;
  readonly name: string;
  /** The node's own address. */
  readonly address: string;
  readonly capacity: Readonly<Record<string, string>>;
  /** What `kubectl get nodes` shows as its version: `v1.37.2`. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** From one renewal of the Lease to the next, and how long others wait for it: the kubelet's times. */
const renewMs = 10_000;
const leaseSeconds = 40;

/** From one telling of the status to the next where nothing changes. */
const statusMs = 300_000;

/** Where nodes keep their Leases. */
const leaseNamespace = "kube-node-lease";

/** Keeps a node's objects as they should be. */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #core: CoreV1Api;
  readonly #coordination: CoordinationV1Api;
  readonly #since: string;
  #toldAt = -Infinity;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#core = new CoreV1Api(options.client);
    this.#coordination = new CoordinationV1Api(options.client);
    this.#since = timeOf(options.clock.now());
  }

  /** Registers the node and keeps its Lease fresh, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, name } = this.#options;
    await loop({
      every: renewMs,
      turn: () => this.#turn(signal),
      failed: (error) => log.warn("cannot keep the node registered", { node: name, error: messageOf(error) }),
      clock,
      signal,
    });
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#toldAt >= statusMs) {
      await this.#tell(signal);
      this.#toldAt = clock.monotonic();
    }
    await this.#renew(signal);
  }

  /** Tells the node's status; where there is no such Node yet, makes it first. */
  async #tell(signal: AbortSignal): Promise<void> {
    const { name, clock } = this.#options;
    const status = nodeStatus(this.#options, this.#since, timeOf(clock.now()));
    const patch = () => this.#core.patchNodeStatus(name, { type: "merge", body: { status } }, { signal });
    try {
      await patch();
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
      await this.#core.createNode(nodeOf(name), { signal });
      await patch();
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { name, clock } = this.#options;
    const leases = this.#coordination.namespace(leaseNamespace);
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: leaseSeconds,
      renewTime: new Date(clock.now()).toISOString().replace("Z", "000Z"),
    };
    try {
      await leases.patchLease(name, { type: "merge", body: { spec } }, { signal });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
      await this.#core.createNamespace({ metadata: { name: leaseNamespace } }, { signal }).catch((error) => {
        if (!isStatus(error, 409)) throw error;
      });
      await leases.createLease({ metadata: { name }, spec }, { signal });
    }
  }
}

function nodeOf(name: string): Node {
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": Deno.build.os,
    "kubernetes.io/arch": architecture(),
  };
  return { metadata: { name, labels } };
}

/** As Go, and so Kubernetes, calls it. */
function architecture(): string {
  return Deno.build.arch === "x86_64" ? "amd64" : "arm64";
}

function nodeStatus(
  { name, address, capacity, version }: RegistrationOptions,
  since: string,
  now: string,
): NodeStatus {
  const condition = (type: string, status: string, reason: string, message: string): NodeCondition => ({
    ...{ type, status, reason, message },
    lastHeartbeatTime: now,
    lastTransitionTime: since,
  });
  const has = (what: string) => `kubelet has ${what}`;
  return {
    addresses: [{ type: "InternalIP", address }, { type: "Hostname", address: name }],
    capacity,
    allocatable: capacity,
    conditions: [
      condition("MemoryPressure", "False", "KubeletHasSufficientMemory", has("sufficient memory available")),
      condition("DiskPressure", "False", "KubeletHasNoDiskPressure", has("no disk pressure")),
      condition("PIDPressure", "False", "KubeletHasSufficientPID", has("sufficient PID available")),
      condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ],
    nodeInfo: {
      architecture: architecture(),
      operatingSystem: Deno.build.os,
      osImage: Deno.build.target,
      kernelVersion: Deno.osRelease(),
      kubeletVersion: version,
      kubeProxyVersion: "",
      containerRuntimeVersion: `process://${Deno.version.deno}`,
      machineID: name,
      systemUUID: name,
      bootID: name,
    },
  };
}
