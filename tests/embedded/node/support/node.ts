/**
 * A node in a test: a real one, with real processes, on an API in memory.
 *
 * @module
 */
import { join } from "node:path";
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Event, type Pod, type PodSpec } from "../../../../k8s/core_v1.ts";
import type { ObjectMeta } from "../../../../k8s/meta_v1.ts";
import { Api } from "../../../../lib/embedded/api/api.ts";
import { LocalClient } from "../../../../lib/embedded/api/client.ts";
import type { LogRequest, PodLogs } from "../../../../lib/embedded/api/pod_logs.ts";
import { ObjectStore } from "../../../../lib/embedded/api/store.ts";
import { bootstrap } from "../../../../lib/embedded/bootstrap.ts";
import { AddressPool } from "../../../../lib/embedded/node/addresses.ts";
import { type NodeOptions, type RunningNode, startNode } from "../../../../lib/embedded/node/node.ts";
import { systemClock as clock } from "../../../../lib/runtime/clock.ts";
import { Guard } from "../../../../lib/runtime/guard.ts";
import { until } from "../../../cluster/support/wait.ts";
import { silentLog as log } from "../../../support/silent_log.ts";
import { FaultyClient } from "./faulty_client.ts";

/** The node's name. */
export const nodeName = "node-1";

/** The namespace of all pods. */
export const namespace = "default";

/** Containers crash a lot in tests: their waits are a fiftieth of the kubelet's. */
const crashTimes = { initial: 200, max: 6000 };

/** Pods of several tests at once have addresses of their own. */
let subnets = 0;

/** What a node is made of unless a test wants it otherwise. */
function usual(folder: string): Omit<NodeOptions, "client" | "guard"> {
  const subnet = `127.${100 + Deno.pid % 100}.${subnets++ % 250}`;
  const pods = Array.from({ length: 20 }, (_, n) => `${subnet}.${n + 2}`);
  const access = { name: "test", server: "https://127.0.0.1:6443", token: "pods-token" };
  const home = Deno.env.get("HOME");
  return {
    name: nodeName,
    addresses: new AddressPool({ host: `${subnet}.1`, pods }),
    folder,
    images: { sh: ["/bin/sh"] },
    deno: [Deno.execPath(), "run", "-q", "-A"],
    baseEnv: { PATH: "/usr/bin:/bin", DENO_DIR: Deno.env.get("DENO_DIR") ?? `${home}/.cache/deno` },
    cwd: folder,
    credentials: () => Promise.resolve(access),
    version: "v1.37.2",
    crashTimes,
    clock,
    log,
  };
}

/** A node, and the API that it follows. */
export class TestNode {
  readonly core: CoreV1Api;
  readonly client: KubeClient;
  /** The node's own client. */
  readonly faults: FaultyClient;
  readonly folder: string;
  readonly guard: Guard;
  readonly #running: RunningNode;
  readonly #stop: AbortController;

  private constructor(parts: {
    client: KubeClient;
    faults: FaultyClient;
    folder: string;
    guard: Guard;
    running: RunningNode;
    stop: AbortController;
  }) {
    this.client = parts.client;
    this.core = new CoreV1Api(parts.client);
    this.faults = parts.faults;
    this.folder = parts.folder;
    this.guard = parts.guard;
    this.#running = parts.running;
    this.#stop = parts.stop;
  }

  /** Starts an API in memory, and a node on it. */
  static async start(options: Partial<NodeOptions> = {}): Promise<TestNode> {
    // Nobody asks for a log before there is a node.
    const logs: PodLogs = (request, signal) => node.logs(request, signal);
    const client = new LocalClient(new Api({ store: new ObjectStore(), clock }, logs), "test");
    await bootstrap(client);
    const node = await TestNode.on(client, options);
    return node;
  }

  /** Starts a node on an API that is there. */
  static async on(client: KubeClient, options: Partial<NodeOptions> = {}): Promise<TestNode> {
    const folder = await Deno.makeTempDir({ prefix: "node-test-" });
    const guard = Guard.start({ clock });
    await guard.remove(folder);
    const faults = new FaultyClient(client);
    const stop = new AbortController();
    const running = startNode({ ...usual(folder), client: faults, guard, ...options }, stop.signal);
    return new TestNode({ client, faults, folder, guard, running, stop });
  }

  /** Reads containers' logs. */
  get logs(): PodLogs {
    return this.#running.logs;
  }

  /** Ends the node, its processes and its files. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running.done;
    await this.guard.close();
  }

  /** Makes a pod that is bound to the node. */
  async pod(name: string, spec: Partial<PodSpec>, metadata: ObjectMeta = {}): Promise<Pod> {
    return await this.core.namespace(namespace).createPod({
      metadata: { name, ...metadata },
      spec: { nodeName, terminationGracePeriodSeconds: 5, containers: [], ...spec },
    });
  }

  /** A pod as it is now. */
  async get(name: string): Promise<Pod> {
    return await this.core.namespace(namespace).getPod(name);
  }

  /** A pod once it is as `fits` wants it. */
  async podThat(what: string, name: string, fits: (pod: Pod) => boolean): Promise<Pod> {
    let last: Pod | undefined;
    try {
      return await until(`${name} ${what}`, async () => {
        last = await this.get(name);
        return fits(last) && last;
      }, 15_000);
    } catch (error) {
      const events = (await this.events(name)).map(({ reason, message }) => `${reason}: ${message}`).join(
        "\n",
      );
      throw new Error(`${error}\n${JSON.stringify(last?.status, undefined, 1)}\n${events}`);
    }
  }

  /** A pod once it is ready. */
  async ready(name: string): Promise<Pod> {
    return await this.podThat("is ready", name, isReady);
  }

  /** A pod once its phase is this one. */
  async phase(name: string, phase: string): Promise<Pod> {
    return await this.podThat(`is ${phase}`, name, ({ status }) => status?.phase === phase);
  }

  /** Deletes a pod, and waits until the API has it no more. */
  async remove(name: string, gracePeriodSeconds?: number): Promise<void> {
    await this.core.namespace(namespace).deletePod(name, {
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    });
    await this.gone(name);
  }

  /** Waits until the API has no such pod. */
  async gone(name: string): Promise<void> {
    await until(`${name} is gone`, () => this.get(name).then(() => false, () => true));
  }

  /** The Events about a pod, oldest first. */
  async events(name: string): Promise<Event[]> {
    const { items } = await this.core.namespace(namespace).getEventList();
    return items.filter(({ involvedObject }) => involvedObject.name === name);
  }

  /** An Event about a pod with this reason, once there is one. */
  async event(name: string, reason: string): Promise<Event> {
    return await until(`an Event ${reason} about ${name}`, async () => {
      return (await this.events(name)).find((event) => event.reason === reason);
    });
  }

  /** What a container has printed. */
  async log(name: string, options: Partial<LogRequest> = {}): Promise<string> {
    const { metadata, spec } = await this.get(name);
    const container = spec!.containers[0]!.name;
    const request = { namespace, name, uid: metadata!.uid!, container, follow: false, previous: false };
    const stream = this.logs({ ...request, timestamps: false, ...options }, new AbortController().signal);
    return await new Response(stream).text();
  }

  /** A container's log, once it has this in it. */
  async logWith(name: string, part: string, options: Partial<LogRequest> = {}): Promise<string> {
    return await until(`${name} prints ${JSON.stringify(part)}`, async () => {
      const text = await this.log(name, options);
      return text.includes(part) && text;
    });
  }

  /** A pod's own folder. */
  folderOf({ metadata }: Pod): string {
    return join(this.folder, metadata!.uid!);
  }
}

/** Whether a pod's Ready condition is True. */
export function isReady({ status }: Pod): boolean {
  return condition(status, "Ready")?.status === "True";
}

/** A pod's condition of a type. */
export function condition(
  status: Pod["status"],
  type: string,
): NonNullable<NonNullable<Pod["status"]>["conditions"]>[number] | undefined {
  return status?.conditions?.find((one) => one.type === type);
}

/** A test with a node of its own. */
export function onNode(
  name: string,
  body: (node: TestNode) => Promise<void>,
  options: Partial<NodeOptions> = {},
): void {
  Deno.test(name, async () => {
    const node = await TestNode.start(options);
    try {
      await body(node);
    } finally {
      await node.end();
    }
  });
}
