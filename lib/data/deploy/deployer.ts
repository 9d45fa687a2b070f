/**
 * The deployer: has what its pod is asked to have.
 *
 * @module
 */
import type { DataStatus, VersionlessStatus } from "../../contract/data_version.ts";
import type { Digest } from "../../contract/ids.ts";
import type { StringMap } from "../../contract/keys.ts";
import { messageOf } from "../../runtime/failure.ts";
import { Deployment, type DeploymentOptions } from "./deployment.ts";
import { Location, type LocationOptions } from "./location.ts";
import { Scrubber } from "./scrubber.ts";
import { type Wanted, type WantedData, wantedOf } from "./wanted.ts";

/** What a deployer is made of. */
export interface DeployerOptions
  extends Omit<DeploymentOptions, "location" | "asked">, Pick<LocationOptions, "files" | "limits"> {
  /** The folder as this process sees it, where that is not what the pod's annotation says. */
  readonly folder?: string;
}

/** Longest that a request may fail before the deployer says that it does not work, milliseconds. */
export const unmetLimit = 10 * 60_000;

/** Follows one pod's annotations. */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #deployments = new Map<string, Deployment>();
  readonly #runs = new Set<Promise<void>>();
  readonly #begun: number;
  #wanted: Wanted | undefined;
  #location: Location | undefined;
  /** Resolves when the location was looked through. */
  #started: Promise<void> | undefined;
  #signal: AbortSignal | undefined;
  /** What of the annotations was ignored, as it was told last. */
  #problems = "";

  constructor(options: DeployerOptions) {
    this.#options = options;
    this.#begun = options.clock.monotonic();
  }

  /** Works until the signal aborts; annotations are taken meanwhile. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    if (this.#wanted) this.#follow(this.#wanted, signal);
    const { clock, log } = this.#options;
    const scrubber = new Scrubber({
      clock,
      log,
      location: () => this.#location,
      deployments: () => this.#all(),
    });
    await scrubber.run(signal);
    await Promise.all(this.#runs);
  }

  /** Takes the pod's annotations, whenever they may have changed. */
  observe(annotations: StringMap): void {
    const wanted = this.#held(wantedOf(annotations, this.#options.folder));
    this.#tellProblems(wanted);
    this.#wanted = wanted;
    if (this.#signal) this.#follow(wanted, this.#signal);
    this.#options.changed?.();
  }

  /** What is told of every data deployment, once it is known which there are. */
  statuses(): Map<string, DataStatus | VersionlessStatus> | undefined {
    for (const deployment of this.#all()) deployment.see();
    return this.#wanted &&
      new Map(
        this.#wanted.data.map((wanted) =>
          [wanted.name, this.#deployments.get(wanted.name)?.status() ?? unusable(wanted)] as const
        ),
      );
  }

  /** Data deployments that have no version yet, or why not even they are known. */
  waiting(): string[] {
    if (!this.#wanted) return ["the pod's annotations are not known yet"];
    return this.#wanted.data.filter(({ name }) => this.#deployments.get(name)?.live === undefined)
      .map(({ name }) => `data "${name}" has no version yet`);
  }

  /** Whether every data deployment has the version that it is asked to have. */
  isMet(): boolean {
    return this.#wanted?.data.every(({ name }) => this.#deployments.get(name)?.isMet) ?? false;
  }

  /** Why the deployer does not do its work, where it has not for too long. */
  trouble(): string | undefined {
    const { clock } = this.#options;
    if (!this.#wanted && clock.monotonic() - this.#begun > unmetLimit) return this.waiting()[0];
    for (const [name, deployment] of this.#deployments) {
      const unmet = deployment.unmet();
      if (unmet && unmet.ms > unmetLimit) {
        return `data "${name}" could not be applied for ${Math.round(unmet.ms / 1000)} s: ${unmet.why}`;
      }
    }
    return undefined;
  }

  /** Ages of the versions in place, seconds, by data deployment. */
  *ages(): Generator<[name: string, seconds: number]> {
    for (const [name, { live }] of this.#deployments) {
      if (live) yield [name, Math.max(0, this.#options.clock.now() / 1000 - live.time)];
    }
  }

  #all(): Iterable<Deployment> {
    return this.#deployments.values();
  }

  #follow({ location, data }: Wanted, signal: AbortSignal): void {
    if (!this.#location && location === "") return;
    this.#open(location, signal);
    const names = new Set(data.map(({ name }) => name));
    for (const [name, deployment] of this.#deployments) {
      if (names.has(name)) continue;
      deployment.end();
      this.#deployments.delete(name);
    }
    for (const wanted of data) {
      const known = this.#deployments.get(wanted.name);
      if (known) known.want(wanted);
      else this.#begin(wanted, signal);
    }
  }

  #open(path: string, signal: AbortSignal): void {
    if (this.#location) return;
    const { files, clock, log, limits, metrics } = this.#options;
    this.#location = new Location(path, { files, clock, log, limits, fetched: metrics.fetched });
    this.#started = this.#location.start(this.#asked(), signal).catch((error) => {
      // Each data deployment will meet the same, tell of it, and try again.
      if (!signal.aborted) log.warn("cannot look through the data folder", { path, error: messageOf(error) });
    });
  }

  #begin(wanted: WantedData, signal: AbortSignal): void {
    const deployment = new Deployment(wanted, {
      ...this.#options,
      location: this.#location!,
      asked: () => this.#asked(),
    });
    this.#deployments.set(wanted.name, deployment);
    const run = this.#started!.then(() => deployment.run(signal)).finally(() => this.#runs.delete(run));
    this.#runs.add(run);
  }

  #asked(): Digest[] {
    return (this.#wanted?.data ?? []).flatMap(({ request }) => request ? [request.digest] : []);
  }

  /** A deployer works in one folder for as long as it runs: what is asked of another one is a problem. */
  #held(wanted: Wanted): Wanted {
    const held = this.#location?.store.places.location;
    if (held === undefined || wanted.location === "" || wanted.location === held) return wanted;
    const problem = `the location is "${wanted.location}" now, and was "${held}": restart the pod`;
    const data = wanted.data.map((one) => ({ ...one, problem }));
    return { ...wanted, data, problems: [...wanted.problems, problem] };
  }

  #tellProblems({ problems }: Wanted): void {
    const before = this.#problems;
    this.#problems = problems.join("; ");
    if (this.#problems !== "" && this.#problems !== before) {
      this.#options.log.warn("annotations about data were ignored", { problems: this.#problems });
    }
  }
}

function unusable({ problem = "waiting for the deployer" }: WantedData): VersionlessStatus {
  return { state: "failed", fault: "request", message: problem };
}
