/**
 * What nodes do for pods with data: a downward API volume that follows the pod, and its deployer, a process that
 * listens on the pod's own address and has no Kubernetes rights.
 *
 * @module
 */
import { join } from "node:path";
import type { Pod } from "../../../k8s/core_v1.ts";
import { formatMap } from "../../../lib/embedded/node/field_ref.ts";
import { PublishedFolder } from "../../../lib/embedded/node/published_folder.ts";
import type { Subnet } from "../../../lib/embedded/subnet.ts";
import type { Cluster } from "./cluster.ts";
import { pass } from "./wait.ts";

/** The container that deploys data, as users add it: a native sidecar. */
export const deployer = {
  name: "datadeploy",
  image: "autocrane",
  args: ["datadeploy"],
  restartPolicy: "Always",
} as const;

/** Settings of a deployer, as its container's environment has them. */
export type DeployerSettings = Readonly<
  Record<"LISTEN_HOST" | "LISTEN_PORT" | "Pod__AnnotationsFile" | "Store__Location", string>
>;

/** What a node is made of. */
export interface NodeOptions<D extends AsyncDisposable> {
  readonly cluster: Cluster;
  readonly namespaces: readonly string[];
  /** An empty folder. */
  readonly folder: string;
  readonly subnet: Subnet;
  /** Starts a deployer. */
  readonly start: (settings: DeployerSettings) => Promise<D>;
}

/** One pod's part of the node. */
interface Place<D> {
  /** The folder that its deployments are in, which its application reads. */
  readonly location: string;
  readonly volume: PublishedFolder;
  deployer: D | undefined;
  ended: boolean;
  /** What is being done for the pod, one thing after another. */
  work: Promise<void>;
}

/** Keeps the volumes of the pods of some namespaces, and runs their deployers. `D` is a deployer that runs. */
export class DataNode<D extends AsyncDisposable> {
  readonly #options: NodeOptions<D>;
  readonly #places = new Map<string, Place<D>>();
  readonly #failures: unknown[] = [];
  #ended = false;

  constructor(options: NodeOptions<D>) {
    this.#options = options;
    const { cluster, subnet } = options;
    const { kubelet } = cluster;
    kubelet.address = (n) => subnet.address(n);
    // With its deployer as a native sidecar a pod is ready once that has started.
    kubelet.startsReady = (pod) => !hasDeployer(pod);
    kubelet.onChange(({ before, after }) => this.#look(before, after));
  }

  /** Whether a pod has its volume here. */
  has({ metadata }: Pod): boolean {
    return this.#places.has(metadata!.uid!);
  }

  /** The folder that a pod's application reads its data in. */
  location(pod: Pod): string {
    return this.#placeOf(pod).location;
  }

  /** A pod's deployer. */
  deployer(pod: Pod): D {
    const { deployer } = this.#placeOf(pod);
    if (!deployer) throw new Error(`${pod.metadata!.name} has no deployer`);
    return deployer;
  }

  /** Ends a pod's deployer and starts another one in its place. */
  async restartDeployer(pod: Pod): Promise<void> {
    await this.deployer(pod)[Symbol.asyncDispose]();
    this.#placeOf(pod).deployer = await this.#options.start(this.settings(pod));
  }

  /** What a deployer of a pod runs with: the pod's volume and address, and nothing of the cluster. */
  settings(pod: Pod): DeployerSettings {
    const { location, volume } = this.#placeOf(pod);
    return {
      LISTEN_HOST: pod.status!.podIP!,
      LISTEN_PORT: "8082",
      Pod__AnnotationsFile: join(volume.path, "annotations"),
      Store__Location: location,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#places.keys()].map((uid) => this.#end(uid)));
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, "the pods' volumes failed");
  }

  #placeOf({ metadata }: Pod): Place<D> {
    const place = this.#places.get(metadata!.uid!);
    if (!place) throw new Error(`${metadata!.name} is not on the node`);
    return place;
  }

  #look(before: Pod | undefined, after: Pod | undefined): void {
    const pod = after ?? before!;
    if (this.#ended || !this.#options.namespaces.includes(pod.metadata!.namespace!)) return;
    const gone = !after || after.metadata!.deletionTimestamp !== undefined;
    if (gone) return void this.#end(pod.metadata!.uid!);
    if (after.status?.podIP === undefined) return;
    const place = this.#places.get(after.metadata!.uid!);
    if (place) publish(place, after);
    else this.#begin(after);
  }

  #begin(pod: Pod): void {
    const uid = pod.metadata!.uid!;
    const folder = join(this.#options.folder, uid);
    const [location, podInfo] = [join(folder, "data"), join(folder, "podinfo")];
    for (const path of [folder, location, podInfo]) Deno.mkdirSync(path);
    const volume = new PublishedFolder(podInfo);
    const place: Place<D> = { location, volume, deployer: undefined, ended: false, work: Promise.resolve() };
    this.#places.set(uid, place);
    publish(place, pod);
    if (hasDeployer(pod)) this.#do(place, () => this.#startDeployer(place, pod));
  }

  async #startDeployer(place: Place<D>, pod: Pod): Promise<void> {
    place.deployer = await this.#options.start(this.settings(pod));
    const { namespace, name } = pod.metadata!;
    while (!place.ended) {
      if (await hasStarted(pod)) return await this.#options.cluster.kubelet.setReady(namespace!, name!, true);
      await pass(50);
    }
  }

  #do(place: Place<D>, work: () => Promise<void>): void {
    place.work = place.work.then(work).catch((error) => {
      if (!place.ended) this.#failures.push(error);
    });
  }

  async #end(uid: string): Promise<void> {
    const place = this.#places.get(uid);
    if (!place) return;
    place.ended = true;
    await place.work;
    await place.deployer?.[Symbol.asyncDispose]();
    this.#places.delete(uid);
  }
}

function hasDeployer({ spec }: Pod): boolean {
  return spec?.initContainers?.some(({ name }) => name === deployer.name) ?? false;
}

/** As the kubelet writes it: a new folder, and `..data` swapped by rename. */
function publish({ volume }: Pick<Place<unknown>, "volume">, { metadata }: Pod): void {
  const content = new TextEncoder().encode(formatMap(metadata!.annotations));
  volume.publish(new Map([["annotations", { content, mode: 0o644 }]]));
}

/** The startup probe. */
async function hasStarted({ status }: Pod): Promise<boolean> {
  try {
    const url = `http://${status!.podIP}:8082/startup`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
