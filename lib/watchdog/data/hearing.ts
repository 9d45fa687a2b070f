/**
 * What one pod's deployer said last, and whether the pod was probed since.
 *
 * @module
 */
import type { DataStatus } from "../../contract/data_version.ts";
import type { ProbeSpec } from "../../contract/probe.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Told } from "./decide.ts";
import type { DeployedData, HeldStatus } from "./pod.ts";
import { ProbesSince } from "./probed.ts";

/** Remembers a deployer's words. That a pod was probed is for the prober to say, whatever a deployer claims. */
export class Hearing {
  #told: Map<string, DataStatus> | undefined;
  /** Probes since what is applied was seen to be, by data deployment; nothing for what was probed enough. */
  readonly #since = new Map<string, ProbesSince>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was said, by data deployment; nothing before the first answer. */
  get told(): Told {
    return this.#told;
  }

  /** Whether a download is under way. */
  get loads(): boolean {
    return [...this.#told?.values() ?? []].some(({ state }) => state === "downloading");
  }

  /** Takes a report: of the deployments that there are, and no others. */
  hear(
    { names, held }: DeployedData,
    probes: readonly ProbeSpec[],
    statuses: ReadonlyMap<string, DataStatus>,
  ): void {
    const told = new Map<string, DataStatus>();
    for (const name of names) {
      const status = statuses.get(name);
      if (status) told.set(name, this.#withProbed(name, status, held.get(name)));
      else this.#since.delete(name);
    }
    this.#told = told;
    this.settle(probes);
  }

  /** Counts a probe of a watchdog, begun at `began` (monotonic milliseconds). */
  count(watchdog: string, began: number): void {
    for (const since of this.#since.values()) since.count(watchdog, began);
  }

  /** Notes which versions were probed enough by now. @returns whether any was not before */
  settle(probes: readonly ProbeSpec[]): boolean {
    const enough = [...this.#since].filter(([, since]) => since.suffice(probes)).map(([name]) => name);
    for (const name of enough) {
      this.#since.delete(name);
      this.#told!.set(name, {
        ...this.#told!.get(name)!,
        probed: Math.floor(this.#clock.now() / 1000),
      });
    }
    return enough.length > 0;
  }

  /** Whether the deployer is to have something that, as far as is known, it has not. */
  lacks({ requests, held }: DeployedData): boolean {
    return [...requests].some(([name, request]) => {
      const status = this.#told ? this.#told.get(name) : held.get(name)?.status;
      return status?.state !== "applied" || status.digest !== request.digest;
    });
  }

  /** Whether a report shows the deployer at something that it is to have and was not at before. */
  begins({ requests }: DeployedData, statuses: ReadonlyMap<string, DataStatus>): boolean {
    return [...requests].some(([name, { digest }]) =>
      statuses.get(name)?.digest === digest && this.#told?.get(name)?.digest !== digest
    );
  }

  /** A status, and what the prober knows of its version: it was probed, begins to be, or is not applied. */
  #withProbed(
    name: string,
    { probed: _, ...status }: DataStatus,
    held: HeldStatus | undefined,
  ): DataStatus {
    if (status.state !== "applied") {
      this.#since.delete(name);
      return status;
    }
    // Another prober may have told it before this one asked for the first time.
    const known = this.#told?.get(name) ?? (held?.ours ? held.status : undefined);
    const stays = known?.state === "applied" && known.version === status.version;
    if (stays && known.probed !== undefined) return { ...status, probed: known.probed };
    if (!stays || !this.#since.has(name)) this.#since.set(name, new ProbesSince(this.#clock.monotonic()));
    return status;
  }
}
