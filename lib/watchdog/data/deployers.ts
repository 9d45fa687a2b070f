/**
 * The deployers of all pods: each is read once an interval, and quickly while it is to fetch something.
 *
 * @module
 */
import type { DataStatus } from "../../contract/data_version.ts";
import type { PodUid } from "../../contract/ids.ts";
import type { ProbeSpec } from "../../contract/probe.ts";
import { Backoff, type Random } from "../../runtime/backoff.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Counter } from "../../runtime/metrics.ts";
import { firstWithin } from "../prober/pace.ts";
import { Schedule, type Scheduled } from "../prober/schedule.ts";
import type { FairSlots } from "../prober/slots.ts";
import type { Told } from "./decide.ts";
import { type DeployedData, sameVersion } from "./pod.ts";
import { ProbesSince } from "./probed.ts";
import type { ReadReport } from "./report.ts";

/** A pod as far as its deployer is concerned. */
export interface DeployingPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: PodUid;
  /** Whether its containers are ready: a deployer's is once it has what was asked for. */
  readonly ready: boolean;
  readonly probes: readonly ProbeSpec[];
  readonly data: DeployedData | undefined;
}

/** What {@link Deployers} are made of. */
export interface DeployersOptions {
  readonly read: ReadReport;
  readonly sockets: FairSlots;
  /** Called with a pod's key when what is told of it may have changed. */
  readonly look: (key: string) => void;
  /** Milliseconds from one read of a deployer to the next while nothing is asked of it. */
  readonly interval: number;
  /** Milliseconds that a read may take. */
  readonly timeout: number;
  /** Told of what only a fault of ours can be. */
  readonly failed: (error: unknown) => void;
  readonly reads: Counter<"result">;
  readonly clock: Clock;
  readonly random?: Random;
}

/** How soon a deployer that is to fetch something is read again, milliseconds. */
const quick = { initial: 100, max: 5_000 };

/** One pod's deployer. */
interface Deployer extends Scheduled {
  /** As its pod last was. */
  pod: DeployingPod;
  /** Told by it last; none while it has not answered. */
  told: Map<string, DataStatus> | undefined;
  /** Probes since what is applied was seen to be, by data deployment; nothing for what was probed enough. */
  readonly since: Map<string, ProbesSince>;
  readonly backoff: Backoff;
  readonly ended: AbortController;
  underWay: boolean;
  /** When it was last read, monotonic milliseconds. */
  readAt: number;
  /** It is to be read once more as soon as the read under way is over. */
  again: boolean;
  cancelNext: (() => void) | undefined;
}

/** Reads the deployers of the pods that it is given, from when they are given until they are dropped. */
export class Deployers {
  readonly #options: DeployersOptions;
  readonly #deployers = new Map<PodUid, Deployer>();
  readonly #schedule: Schedule<Deployer>;

  constructor(options: DeployersOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.clock, (deployer) => this.#read(deployer));
  }

  /** How many pods' deployers are read. */
  get size(): number {
    return this.#deployers.size;
  }

  /** What a pod's deployer said, and whether the pod was probed since. */
  told({ uid }: { readonly uid: PodUid }): Told {
    return this.#deployers.get(uid)?.told;
  }

  /** Brings what is read in step with what a pod says. */
  take(pod: DeployingPod): void {
    const deployer = this.#deployers.get(pod.uid);
    // One that deploys nothing any more may still have statuses of ours to be removed.
    if (!pod.data?.names.length) return this.drop(pod.uid);
    if (!deployer) return this.#begin(pod);
    const before = deployer.pod;
    deployer.pod = pod;
    this.#probedAll(deployer);
    const news = before.data!.address !== pod.data.address || before.ready !== pod.ready ||
      !sameRequests(before.data!, pod.data);
    if (news && isAsked(deployer)) this.#readSoon(deployer);
  }

  /** A probe of a pod's watchdog, begun at `began` (monotonic milliseconds), is over. */
  probed(uid: PodUid, watchdog: string, began: number): void {
    const deployer = this.#deployers.get(uid);
    if (!deployer || deployer.since.size === 0) return;
    for (const since of deployer.since.values()) since.count(watchdog, began);
    this.#probedAll(deployer);
  }

  /** Ends the reading of a pod's deployer, and forgets what it said. */
  drop(uid: PodUid): void {
    const deployer = this.#deployers.get(uid);
    if (!deployer) return;
    this.#deployers.delete(uid);
    this.#schedule.remove(deployer);
    deployer.cancelNext?.();
    deployer.ended.abort();
  }

  /** Ends all. */
  clear(): void {
    for (const uid of [...this.#deployers.keys()]) this.drop(uid);
    this.#schedule.clear();
  }

  #begin(pod: DeployingPod): void {
    const { interval, random } = this.#options;
    const deployer: Deployer = {
      interval,
      pod,
      told: undefined,
      since: new Map(),
      backoff: new Backoff({ ...quick, ...(random && { random }) }),
      ended: new AbortController(),
      underWay: false,
      readAt: -Infinity,
      again: false,
      cancelNext: undefined,
    };
    this.#deployers.set(pod.uid, deployer);
    const first = firstWithin(1);
    this.#schedule.add(deployer, interval > first ? first : undefined);
    if (isAsked(deployer)) this.#readSoon(deployer);
  }

  /** Something is asked of it: it is read at once, and quickly from then on. */
  #readSoon(deployer: Deployer): void {
    const { clock } = this.#options;
    deployer.backoff.reset();
    deployer.cancelNext?.();
    // Who changes a request all the time must not have its pod read all the time.
    const wait = Math.max(0, deployer.readAt + quick.initial - clock.monotonic());
    deployer.cancelNext = clock.after(wait, () => this.#read(deployer));
  }

  #read(deployer: Deployer): void {
    if (deployer.underWay) {
      deployer.again = true;
      return;
    }
    const { sockets, failed, clock } = this.#options;
    const { pod } = deployer;
    const address = pod.data?.address;
    deployer.cancelNext?.();
    deployer.cancelNext = undefined;
    if (address === undefined) return;
    deployer.underWay = true;
    deployer.readAt = clock.monotonic();
    sockets.run({ namespace: pod.namespace, pod: pod.uid }, () => this.#ask(deployer, address))
      .catch(failed)
      .finally(() => this.#over(deployer));
  }

  async #ask(deployer: Deployer, address: string): Promise<void> {
    const { signal } = deployer.ended;
    if (signal.aborted) return;
    const { read, timeout, reads } = this.#options;
    const report = await read({ address, timeout, signal });
    // Another pod may have the address by now.
    if (signal.aborted || deployer.pod.data?.address !== address) return;
    reads.inc({ result: report.ok ? "ok" : report.kind });
    if (report.ok) this.#heard(deployer, report.statuses);
  }

  /** While something is asked of the deployer it is read again, later and later. */
  #over(deployer: Deployer): void {
    deployer.underWay = false;
    const { again } = deployer;
    deployer.again = false;
    if (deployer.ended.signal.aborted || !(again || isAsked(deployer))) return;
    deployer.cancelNext?.();
    deployer.cancelNext = this.#options.clock.after(deployer.backoff.next(), () => this.#read(deployer));
  }

  #heard(deployer: Deployer, statuses: ReadonlyMap<string, DataStatus>): void {
    const { names, held } = deployer.pod.data!;
    if (hasBegun(deployer, statuses)) deployer.backoff.reset();
    const told = new Map<string, DataStatus>();
    for (const name of names) {
      const status = statuses.get(name);
      // That it was probed is for the prober to say.
      if (!status) deployer.since.delete(name);
      else told.set(name, this.#withProbed(deployer, name, status, held.get(name)));
    }
    deployer.told = told;
    this.#probedAll(deployer, false);
    this.#options.look(keyOf(deployer.pod));
  }

  /** The status with what the prober knows of its version: it was probed, or begins to be counted, or is not applied. */
  #withProbed(
    deployer: Deployer,
    name: string,
    { probed: _, ...status }: DataStatus,
    held: { readonly ours: boolean; readonly status: DataStatus | undefined } | undefined,
  ): DataStatus {
    if (status.state !== "applied") {
      deployer.since.delete(name);
      return status;
    }
    // Another prober may have told it before this one asked for the first time.
    const known = deployer.told?.get(name) ?? (held?.ours ? held.status : undefined);
    const stays = known?.state === "applied" && known.version === status.version;
    if (stays && known.probed !== undefined) return { ...status, probed: known.probed };
    if (!stays || !deployer.since.has(name)) {
      deployer.since.set(name, new ProbesSince(this.#options.clock.monotonic()));
    }
    return status;
  }

  /** Notes which versions were probed enough by now. */
  #probedAll(deployer: Deployer, look = true): void {
    const { clock } = this.#options;
    for (const [name, since] of deployer.since) {
      if (!since.suffice(deployer.pod.probes)) continue;
      deployer.since.delete(name);
      const status = deployer.told!.get(name)!;
      deployer.told!.set(name, { ...status, probed: Math.floor(clock.now() / 1000) });
      if (look) this.#options.look(keyOf(deployer.pod));
    }
  }
}

function keyOf({ namespace, name }: DeployingPod): string {
  return `${namespace}/${name}`;
}

/** Whether the deployer is to have something that, as far as is known, it has not. */
function isAsked({ pod: { data }, told }: Deployer): boolean {
  if (!data?.address) return false;
  return [...data.requests].some(([name, request]) => {
    const status = told ? told.get(name) : data.held.get(name)?.status;
    return status?.state !== "applied" || status.digest !== request.digest;
  });
}

/** Whether the deployer is at something that it was not at when it was last read: the rest may take no time. */
function hasBegun({ pod: { data }, told }: Deployer, statuses: ReadonlyMap<string, DataStatus>): boolean {
  return [...data!.requests].some(([name, { digest }]) =>
    statuses.get(name)?.digest === digest && told?.get(name)?.digest !== digest
  );
}

function sameRequests(a: DeployedData, b: DeployedData): boolean {
  return a.names.join() === b.names.join() && a.requests.size === b.requests.size &&
    [...a.requests].every(([name, request]) => sameVersion(request, b.requests.get(name)));
}
