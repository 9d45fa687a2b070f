/**
 * All that data takes, on a real control plane: an upstream, the repository, prober, orchestrators, and applications
 * that are well or ill by what is in their live folder.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { join } from "node:path";
import type { Deployment } from "../../../k8s/apps_v1.ts";
import type { Pod } from "../../../k8s/core_v1.ts";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { key, prefix } from "../../../lib/contract/keys.ts";
import type { Upstream } from "../../../scripts/demo/upstream.ts";
import type { Cluster } from "./cluster.ts";
import { type DataGround, dataGround, type GroundOptions, source } from "./data_ground.ts";
import { DataNode, deployer, type DeployerSettings, type NodeOptions } from "./data_node.ts";
import type { Repository } from "./data_repository.ts";
import { dataName, isAt, requestOf, Sightings, statusOf } from "./data_sightings.ts";
import type { Behaviour } from "./pod_servers.ts";
import { runProber } from "./probing.ts";
import { Program } from "./program.ts";
import { onCluster } from "./suite.ts";
import { until } from "./wait.ts";
import { deployment } from "./workloads.ts";

/** How large a stage is. */
export interface StageShape {
  readonly workloads: number;
  /** Pods of each workload. */
  readonly replicas: number;
  /** Namespaces that have all these workloads. */
  readonly namespaces?: number;
  /** Seconds that canaries must be well. */
  readonly probation?: number;
  /** Seconds from one probe of a pod to the next. */
  readonly probeInterval?: number;
}

/** What a release does to applications: they are well with it, ill everywhere, or ill in one namespace. */
export type Health = "good" | "bad" | `bad in ${string}`;

/** Declares a file's cluster and stage, and returns what declares tests on it. Each begins settled. */
export function onStage(shape: StageShape): (name: string, body: (stage: Stage) => Promise<void>) => void {
  const test = onCluster();
  let starting: Promise<Stage> | undefined;
  Deno.test.afterAll(async () => {
    await (await starting?.catch(() => undefined))?.[Symbol.asyncDispose]();
  });
  return (name, body) =>
    test(name, async (cluster) => {
      const stage = await (starting ??= Stage.start(cluster, shape, (env) => startDeployer(cluster, env)));
      try {
        await stage.settled();
        await body(stage);
      } catch (error) {
        if (error instanceof Error) error.message += `\n${stage.describe()}`;
        throw error;
      }
    });
}

/** The parts that a stage starts with. */
interface StageParts<D extends AsyncDisposable> extends DataGround {
  readonly cluster: Cluster;
  readonly namespaces: readonly string[];
  readonly node: DataNode<D>;
  /** Pods of each namespace. */
  readonly size: number;
  /** Seconds that canaries must be well. */
  readonly probation: number;
}

/** Everything at work, with one orchestrator that leads. */
export class Stage<D extends AsyncDisposable = Program> {
  readonly cluster: Cluster;
  readonly namespaces: readonly string[];
  /** The first of them. */
  readonly namespace: string;
  readonly repository: Repository;
  readonly node: DataNode<D>;
  /** Pods of each namespace. */
  readonly size: number;
  readonly sightings: ReadonlyMap<string, Sightings>;
  readonly #probation: number;
  readonly #upstream: Upstream;
  readonly #disposal: AsyncDisposableStack;
  #releases = 0;

  private constructor(parts: StageParts<D>, disposal: AsyncDisposableStack) {
    const { cluster, namespaces } = parts;
    this.cluster = cluster;
    this.namespaces = namespaces;
    this.namespace = namespaces[0]!;
    this.repository = parts.repository;
    this.node = parts.node;
    this.size = parts.size;
    this.sightings = new Map(namespaces.map((one) => [one, new Sightings(cluster.kubelet, one)]));
    this.#probation = parts.probation;
    this.#upstream = parts.upstream;
    this.#disposal = disposal;
  }

  /**
   * Starts all of it, with a first version at the upstream.
   *
   * @param start starts a pod's deployer
   */
  static async start<D extends AsyncDisposable>(
    cluster: Cluster,
    shape: StageShape,
    start: NodeOptions<D>["start"],
  ): Promise<Stage<D>> {
    await using disposal = new AsyncDisposableStack();
    const parts = await partsOf(cluster, shape, start, disposal);
    const stage = new Stage(parts, disposal.move());
    await stage.push();
    const interval = `--AutoCrane:ProbeIntervalSeconds=${shape.probeInterval ?? 1}`;
    stage.#disposal.use(await runProber(cluster, stage.namespaces.join(","), interval));
    await stage.orchestrate("leading");
    for (const namespace of stage.namespaces) {
      for (let n = 1; n <= shape.workloads; n++) {
        const wanted = application(`app-${n}`, shape.replicas, stage);
        await cluster.apps.namespace(namespace).createDeployment(wanted);
      }
    }
    return stage;
  }

  /** Starts an orchestrator and waits until it has said this. */
  async orchestrate(said: "leading" | "listening"): Promise<Program> {
    const program = await this.cluster.run("orchestrate", [
      `--AutoCrane:Namespaces=${this.namespaces.join(",")}`,
      "--AutoCrane:ScanIntervalSeconds=1",
      `--Data:ProbationSeconds=${this.#probation}`,
      `--Data:RepositoryUrl=${this.repository.url}`,
    ]);
    this.#disposal.use(program);
    await program.said(said);
    return program;
  }

  /** The orchestrators that run. */
  orchestrators(): Program[] {
    return this.cluster.programs.filter(({ mode, process }) => mode === "orchestrate" && process.alive);
  }

  /** Publishes a release, tells the repository, and waits until it has it. */
  async push(health: Health = "good"): Promise<DataVersion> {
    const before = await this.repository.newest(source);
    await this.publish(health);
    const status = await this.repository.poke(source);
    ok(status >= 200 && status < 300, `the hook answered ${status}`);
    return await until("the repository has what was pushed", async () => {
      const newest = await this.repository.newest(source);
      return newest?.version !== before?.version && newest;
    });
  }

  /** Publishes a release at the upstream and tells nobody. */
  async publish(health: Health = "good"): Promise<void> {
    const release = `release ${++this.#releases}`;
    await this.#upstream.publish(release, new Map([["health", health], ["folder/release", release]]));
  }

  /** What every pod reads once it has the last release. */
  get release(): string {
    return `release ${this.#releases}`;
  }

  /** The pods of a namespace that are to stay. */
  pods(namespace: string = this.namespace): Pod[] {
    return this.cluster.kubelet.running(namespace).filter(({ metadata }) => !metadata!.deletionTimestamp);
  }

  /** Waits until all pods of a namespace have a version. */
  async reached(
    { version }: Pick<DataVersion, "version">,
    namespace: string = this.namespace,
  ): Promise<void> {
    await until(`every pod of ${namespace} has ${version}`, () => {
      const pods = this.pods(namespace);
      return pods.length === this.size && pods.every((pod) => isAt(pod, version));
    }, 60_000);
  }

  /** Waits until all pods of each namespace have one version, and nothing is under way. */
  async settled(within: number = 60_000): Promise<void> {
    for (const namespace of this.namespaces) {
      await until(`the pods of ${namespace} have one version`, () => {
        const versions = new Set(this.pods(namespace).map((pod) => requestOf(pod)?.version));
        const [version] = versions;
        return versions.size === 1 && version !== undefined && this.pods(namespace).length === this.size &&
          this.pods(namespace).every((pod) => isAt(pod, version) && statusOf(pod)!.probed !== undefined);
      }, within);
    }
  }

  /** What an application of a pod reads. */
  async read(pod: Pod, path: string): Promise<string> {
    return await Deno.readTextFile(join(this.node.location(pod), dataName, path));
  }

  /** How far every pod is, in words. */
  describe(): string {
    return this.namespaces.flatMap((namespace) => this.pods(namespace)).map((pod) => {
      const { namespace, name } = pod.metadata!;
      const [request, status] = [requestOf(pod), statusOf(pod)];
      return `${namespace}/${name}: asked for ${request?.path}; ${status?.state} ${status?.path} ` +
        `${status?.message}, probed ${status?.probed}`;
    }).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal[Symbol.asyncDispose]();
  }
}

async function partsOf<D extends AsyncDisposable>(
  cluster: Cluster,
  { workloads, replicas, namespaces: count = 1, probation = 2 }: StageShape,
  start: NodeOptions<D>["start"],
  disposal: AsyncDisposableStack,
): Promise<StageParts<D>> {
  const run: GroundOptions["run"] = (args, env) => cluster.run("datarepo", args, { env });
  const ground = await dataGround({ run }, disposal);
  const namespaces = [];
  for (let n = 0; n < count; n++) namespaces.push(await cluster.namespace());
  const { subnet } = ground;
  const folder = join(ground.folder, "pods");
  const node = disposal.use(new DataNode({ cluster, namespaces, folder, subnet, start }));
  serveApplications(cluster, namespaces, node);
  return { cluster, namespaces, node, size: workloads * replicas, probation, ...ground };
}

/** Starts a deployer as a process that ends with its stage. */
export function startDeployer(
  { plane }: Cluster,
  env: DeployerSettings,
  mode: "datadeploy" | "datadeployinit" = "datadeploy",
): Promise<Program> {
  return Program.start({ mode, env, folder: plane.folder });
}

/** An application as its owner writes it: what data it has, from where, and how it is watched. */
export function application(
  name: string,
  replicas: number,
  { cluster, repository }: Pick<Stage, "cluster" | "repository">,
): Deployment {
  const annotations = {
    [prefix.data + dataName]: source,
    [key.storeUrl]: repository.url,
    [`${prefix.probe}http`]: `POD_IP:${cluster.servers.port}/watchdog`,
  };
  const wanted = deployment({ name, replicas, annotations });
  wanted.spec!.template.spec!.initContainers = [{ ...deployer, args: [...deployer.args] }];
  return wanted;
}

/** Every pod's application looks into its live folder when its watchdog is asked. */
function serveApplications(
  cluster: Cluster,
  namespaces: readonly string[],
  node: Pick<DataNode<AsyncDisposable>, "has" | "location">,
): void {
  cluster.kubelet.onChange(({ before, after }) => {
    const address = after?.status?.podIP;
    const { namespace } = (after ?? before)!.metadata!;
    if (!address || before?.status?.podIP || !namespaces.includes(namespace!)) return;
    const look: Behaviour = async () => {
      if (!node.has(after)) return new Response("ending\n", { status: 503 });
      const health = await Deno.readTextFile(join(node.location(after), dataName, "health"));
      const ill = health === "bad" || health === `bad in ${namespace}`;
      return new Response(`the data is ${health}\n`, { status: ill ? 500 : 200 });
    };
    cluster.servers.set(address, look);
  });
}
