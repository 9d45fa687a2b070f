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
import { Hearing } from "./hearing.ts";
import { type DeployedData, sameVersion } from "./pod.ts";
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

/**
 * For how long after a download has begun it is not told, milliseconds: most are over by then, and three writes a pod
 * would become two.
 */
const quietMs = 1_000;

/** One pod's deployer. */
interface Deployer extends Scheduled {
  /** As its pod last was. */
  pod: DeployingPod;
  readonly hearing: Hearing;
  readonly backoff: Backoff;
  readonly ended: AbortController;
  underWay: boolean;
  /** When it was last read, monotonic milliseconds. */
  readAt: number;
  /** It is to be read once more as soon as the read under way is over. */
  again: boolean;
  cancelNext: (() => void) | undefined;
  /** Until when a download is not told, monotonic milliseconds. */
  quietUntil: number;
  cancelLook: (() => void) | undefined;
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
    return this.#deployers.get(uid)?.hearing.told;
  }

  /** Brings what is read in step with what a pod says. */
  take(pod: DeployingPod): void {
    const deployer = this.#deployers.get(pod.uid);
    // One that deploys nothing any more may still have statuses of ours to be removed.
    if (!pod.data?.names.length) return this.drop(pod.uid);
    if (!deployer) return this.#begin(pod);
    const before = deployer.pod;
    deployer.pod = pod;
    this.#settle(deployer);
    const news = before.data!.address !== pod.data.address || before.ready !== pod.ready ||
      !sameRequests(before.data!, pod.data);
    if (news && isAsked(deployer)) this.#readSoon(deployer);
  }

  /** A probe of a pod's watchdog, begun at `began` (monotonic milliseconds), is over. */
  probed(uid: PodUid, watchdog: string, began: number): void {
    const deployer = this.#deployers.get(uid);
    if (!deployer) return;
    deployer.hearing.count(watchdog, began);
    this.#settle(deployer);
  }

  /** Ends the reading of a pod's deployer, and forgets what it said. */
  drop(uid: PodUid): void {
    const deployer = this.#deployers.get(uid);
    if (!deployer) return;
    this.#deployers.delete(uid);
    this.#schedule.remove(deployer);
    deployer.cancelNext?.();
    deployer.cancelLook?.();
    deployer.ended.abort();
  }

  /** Ends all. */
  clear(): void {
    for (const uid of [...this.#deployers.keys()]) this.drop(uid);
    this.#schedule.clear();
  }

  #begin(pod: DeployingPod): void {
    const { interval, random, clock } = this.#options;
    const deployer: Deployer = {
      interval,
      pod,
      hearing: new Hearing(clock),
      backoff: new Backoff({ ...quick, ...(random && { random }) }),
      ended: new AbortController(),
      underWay: false,
      readAt: -Infinity,
      again: false,
      cancelNext: undefined,
      quietUntil: -Infinity,
      cancelLook: undefined,
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
    const { hearing, pod } = deployer;
    if (hearing.begins(pod.data!, statuses)) {
      // The rest may take no time.
      deployer.backoff.reset();
      deployer.quietUntil = this.#options.clock.monotonic() + quietMs;
    }
    hearing.hear(pod.data!, pod.probes, statuses);
    this.#tell(deployer);
  }

  /** Has told what the deployer said: at once, but for a download that has just begun. */
  #tell(deployer: Deployer): void {
    const { clock, look } = this.#options;
    const wait = deployer.hearing.loads ? deployer.quietUntil - clock.monotonic() : 0;
    deployer.cancelLook?.();
    deployer.cancelLook = wait > 0 ? clock.after(wait, () => look(keyOf(deployer.pod))) : undefined;
    if (wait <= 0) look(keyOf(deployer.pod));
  }

  #settle({ hearing, pod }: Deployer): void {
    if (hearing.settle(pod.probes)) this.#options.look(keyOf(pod));
  }
}

function keyOf({ namespace, name }: DeployingPod): string {
  return `${namespace}/${name}`;
}

/** Whether the deployer can be reached and is to fetch something. */
function isAsked({ pod: { data }, hearing }: Deployer): boolean {
  return data?.address !== undefined && hearing.lacks(data);
}

function sameRequests(a: DeployedData, b: DeployedData): boolean {
  return a.names.join() === b.names.join() && a.requests.size === b.requests.size &&
    [...a.requests].every(([name, request]) => sameVersion(request, b.requests.get(name)));
}
