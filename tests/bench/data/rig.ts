/**
 * A source, its repository and one deployer as processes, and nothing else: what a kubelet, a prober and an orchestrator
 * would do is done by hand.
 *
 * @module
 */
import { join } from "node:path";
import {
  type DataVersion,
  formatDataRequest,
  parseStatusReport,
} from "../../../lib/contract/data_version.ts";
import { key, prefix } from "../../../lib/contract/keys.ts";
import { isVersionName, nameOf } from "../../../lib/data/deploy/places.ts";
import { formatMap } from "../../../lib/embedded/node/field_ref.ts";
import { PublishedFolder } from "../../../lib/embedded/node/published_folder.ts";
import {
  type DataGround,
  dataGround,
  type GroundOptions,
  removeTree,
  source,
} from "../../cluster/support/data_ground.ts";
import type { Repository } from "../../cluster/support/data_repository.ts";
import { Program } from "../../cluster/support/program.ts";
import { until } from "../../cluster/support/wait.ts";

/** The deployment. */
const name = "files";

/** Longest that one step may take, milliseconds. */
const patience = 120_000;

/** An upstream and its repository. */
export class Rig {
  readonly repository: Repository;
  readonly #ground: DataGround;
  readonly #disposal: AsyncDisposableStack;
  #deployers = 0;
  #releases = 0;

  private constructor(ground: DataGround, disposal: AsyncDisposableStack) {
    this.repository = ground.repository;
    this.#ground = ground;
    this.#disposal = disposal;
  }

  /**
   * Starts a repository with a source that holds nothing yet.
   *
   * @param within the folder that holds everything, in a folder of its own
   * @param upstreamIn makes another upstream than a git repository
   */
  static async start(within: string, upstreamIn?: GroundOptions["upstreamIn"]): Promise<Rig> {
    await using disposal = new AsyncDisposableStack();
    const run: GroundOptions["run"] = (args, env) =>
      Program.start({ mode: "datarepo", args, env, folder: within });
    const ground = await dataGround({ run, within, ...(upstreamIn && { upstreamIn }) }, disposal);
    return new Rig(ground, disposal.move());
  }

  /** An address that nothing of the rig listens on: `n` from 230 to 249. */
  address(n: number): string {
    return this.#ground.subnet.address(n);
  }

  /** Publishes files beside those that are there, and waits until the repository has packed them. */
  async push(files: ReadonlyMap<string, string>): Promise<DataVersion> {
    const before = await this.repository.newest(source);
    await this.#ground.upstream.publish(`release ${++this.#releases}`, files);
    // One that is told too often says so, and is told again.
    await until("the repository takes the push", async () => await this.repository.poke(source) < 300);
    return await until("the repository has what was pushed", async () => {
      const newest = await this.repository.newest(source);
      return newest?.version !== before?.version && newest;
    }, patience);
  }

  /**
   * Starts a deployer that has not been asked for anything yet.
   *
   * @param within the folder that its data is in, in a folder of its own
   */
  async deploy(
    { url = this.repository.url, within }: { url?: string; within?: string } = {},
  ): Promise<Deployer> {
    const address = this.#ground.subnet.address(this.#deployers++);
    const folder = await Deno.makeTempDir({ prefix: "autocrane-pod-", dir: within ?? this.#ground.folder });
    this.#disposal.defer(() => removeTree(folder));
    return this.#disposal.use(await Deployer.start(folder, address, url));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal[Symbol.asyncDispose]();
  }
}

/** A deployer in a pod that exists nowhere. */
export class Deployer {
  /** What its application would read. */
  readonly live: string;
  readonly #program: Program;
  readonly #volume: PublishedFolder;
  readonly #status: string;
  readonly #annotations: Readonly<Record<string, string>>;

  private constructor(live: string, program: Program, volume: PublishedFolder, address: string, url: string) {
    this.live = live;
    this.#program = program;
    this.#volume = volume;
    this.#status = `http://${address}:8082/status`;
    this.#annotations = { [prefix.data + name]: source, [key.storeUrl]: url };
    this.#publish({});
  }

  /** Starts one; returns when it answers. */
  static async start(folder: string, address: string, url: string): Promise<Deployer> {
    const [location, podInfo] = [join(folder, "data"), join(folder, "podinfo")];
    for (const path of [location, podInfo]) await Deno.mkdir(path);
    const program = await Program.start({
      mode: "datadeploy",
      folder,
      env: {
        LISTEN_HOST: address,
        LISTEN_PORT: "8082",
        Pod__AnnotationsFile: join(podInfo, "annotations"),
        Store__Location: location,
      },
    });
    const deployer = new Deployer(join(location, name), program, new PublishedFolder(podInfo), address, url);
    await program.said("listening");
    return deployer;
  }

  get pid(): number {
    return this.#program.process.pid;
  }

  /** Asks for a version, as the orchestrator and the kubelet do. */
  ask(version: DataVersion): void {
    this.#publish({ [prefix.dataRequest + name]: formatDataRequest(version) });
  }

  /** Asks for a version and waits until it is live; milliseconds from the one to the other. */
  async swapped(version: DataVersion): Promise<number> {
    const hex = version.digest.slice("sha256:".length);
    const began = performance.now();
    this.ask(version);
    while (!leadsTo(this.live, hex)) {
      if (performance.now() - began > patience) throw new Error(`no swap: ${this.#program.process.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return performance.now() - began;
  }

  /** Waits until it says that a version is applied, and has removed what it does not keep. */
  async applied({ version }: DataVersion): Promise<void> {
    await until("the deployer has applied it", async () => {
      const answer = await fetch(this.#status, { signal: AbortSignal.timeout(5000) });
      const report = parseStatusReport(await answer.text());
      if ("problem" in report) throw new Error(report.problem);
      const status = report.get(name);
      return status?.state === "applied" && status.version === version && this.#isTidy();
    }, patience);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  /** It keeps the version in place and the one before. */
  #isTidy(): boolean {
    const names = [...Deno.readDirSync(join(this.live, "..", ".versions"))].map(({ name }) => name);
    return names.filter(isVersionName).length <= 2 && !names.some((one) => one.startsWith(nameOf.gone));
  }

  #publish(requests: Readonly<Record<string, string>>): void {
    const content = new TextEncoder().encode(formatMap({ ...this.#annotations, ...requests }));
    this.#volume.publish(new Map([["annotations", { content, mode: 0o644 }]]));
  }
}

function leadsTo(link: string, hex: string): boolean {
  try {
    return Deno.readLinkSync(link).includes(hex);
  } catch {
    return false;
  }
}
