/**
 * A simulated pod: its deployer, what versions do to it, and what is wrong with it by itself.
 *
 * @module
 */
import type { DataStatus, DataVersion } from "../../../lib/contract/data_version.ts";
import type { DataPod } from "../../../lib/orchestrator/rollout/model.ts";
import { podUid } from "../build.ts";
import { dataPod, plain } from "./build.ts";

/** A number below `below`. */
export type Roll = (below: number) => number;

/** Rolls of a seed: mulberry32, so that a history can be told by its seed alone. */
export function rollsOf(seed: number): Roll {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6D2B79F5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** What a version does to the pods that have it, `lag` steps after. */
export interface Quality {
  readonly ill?: "crash" | "watchdog" | "unready" | "restarts";
  readonly refused?: "digest" | "content" | "notify";
  /** Only every other pod shows it. */
  readonly seldom: boolean;
  readonly lag: number;
}

/** A version that harms nobody. */
export const good: Quality = { seldom: false, lag: 0 };

/** What pods share. */
export interface World {
  readonly now: number;
  readonly repositoryDown: boolean;
  /** Something that every watched pod depends on is down. */
  readonly outage: boolean;
  readonly roll: Roll;
  qualityOf(version: DataVersion): Quality;
  /** Whether the pod may not be evicted, and its strikes are forgotten. */
  isHeld(uid: DataPod["uid"]): boolean;
}

/** What a pod shows at one moment. */
type Shown = Pick<DataPod, "crashing" | "failing" | "ready"> & { readonly restarts: boolean };

/** A pod. */
export class SimulatedPod {
  readonly id: number;
  readonly workload: string;
  readonly watched: boolean;
  ill: "crash" | "watchdog" | "unready" | undefined;
  /** Its deployer's trouble: `stuck` never answers. */
  trouble: "network" | "disk" | "stuck" | undefined;
  paused = false;
  request: DataVersion | undefined;
  live: DataVersion | undefined;
  /** Steps until the deployer is done. */
  applying = 0;
  ending: "evicted" | "other" | undefined;
  #status: DataStatus | undefined;
  #restarts = 0;
  #restartedAt: number | undefined;
  #liveSteps = 0;
  #strikes = 0;
  #started = false;

  constructor(id: number, roll: Roll, request: DataVersion | undefined) {
    this.id = id;
    this.workload = `w${roll(3)}`;
    this.watched = roll(5) > 0;
    this.request = request;
  }

  get uid(): DataPod["uid"] {
    return podUid(`p${this.id}-uid`);
  }

  /** One step. */
  lives(world: World): void {
    if (this.live) this.#liveSteps++;
    if (this.request) this.#applies(this.request, world);
    if (this.live) this.#started = true;
    const shown = this.#shown(world);
    if (shown.crashing || shown.restarts) this.restarts(world.now);
    if (this.#status?.state === "applied" && this.#liveSteps >= 1 && world.roll(3) > 0) {
      this.#status = { ...this.#status, probed: Math.floor(world.now / 1000) };
    }
    this.#strikes = shown.failing.length > 0 && !world.isHeld(this.uid) ? this.#strikes + 1 : 0;
    if (this.#strikes >= 4 && world.roll(3) === 0) this.ending ??= "evicted";
  }

  /** A container of it ends, and is started again. */
  restarts(now: number): void {
    this.#restarts++;
    this.#restartedAt = now;
  }

  /** As the orchestrator sees it. */
  seen(world: World): DataPod {
    const { crashing, failing, ready } = this.#shown(world);
    return dataPod(`p${this.id}`, {
      workload: this.workload,
      requests: new Map(this.request ? [["maps", this.request]] : []),
      statuses: new Map(this.#status ? [["maps", this.#status]] : []),
      ready,
      crashing,
      failing,
      restarts: this.#restarts,
      restartedAt: this.#restartedAt,
      watched: this.watched,
      paused: this.paused,
      terminating: this.ending !== undefined,
      evicted: this.ending === "evicted",
    });
  }

  #applies(request: DataVersion, world: World): void {
    if (this.#status?.digest === request.digest && this.#status.state === "applied") return;
    if (this.trouble === "stuck") return;
    if (this.applying > 0) {
      this.applying--;
      this.#tell(request, { state: "downloading" });
      return;
    }
    const { refused, seldom } = world.qualityOf(request);
    const refuses = refused !== undefined && (!seldom || this.id % 2 === 0);
    // What it has it needs not fetch.
    const cut = world.repositoryDown && this.live?.version !== request.version;
    const fault = this.trouble ?? (cut ? "repository" : undefined) ??
      (refuses && refused !== "notify" ? refused : undefined);
    if (fault) return this.#tell(request, { state: "failed", fault });
    if (this.live?.version !== request.version) this.#liveSteps = 0;
    this.live = plain(request);
    this.#tell(request, refuses ? { state: "failed", fault: "notify" } : { state: "applied" });
  }

  /** A deployer tells of what is in place where that is another version. */
  #tell(request: DataVersion, how: Pick<DataStatus, "state" | "fault">): void {
    const besides = this.live && this.live.digest !== request.digest ? { live: this.live } : {};
    this.#status = { ...request, ...how, message: "", ...besides };
  }

  #shown({ qualityOf, outage }: World): Shown {
    const { ill, lag, seldom } = this.live ? qualityOf(this.live) : good;
    const shows = this.#liveSteps >= lag && (!seldom || this.id % 2 === 0) ? ill : undefined;
    const has = (what: string) => this.ill === what || shows === what;
    const failing = this.watched ? [...(has("watchdog") ? ["w"] : []), ...(outage ? ["db"] : [])] : [];
    const unready = !this.#started || has("unready") || has("crash") || (!this.watched && has("watchdog"));
    return { crashing: has("crash"), failing, ready: !unready, restarts: shows === "restarts" };
  }
}
