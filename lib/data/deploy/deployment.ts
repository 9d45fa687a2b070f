/**
 * One data deployment of a pod: has what it is asked to have.
 *
 * @module
 */
import type { ApplyFault, DataStatus, DataVersion, VersionlessStatus } from "../../contract/data_version.ts";
import type { Digest } from "../../contract/ids.ts";
import { Backoff, type Random } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { type BlobSource, FetchFailure } from "../fetch/blob_source.ts";
import { faultOf } from "./faults.ts";
import type { Location } from "./location.ts";
import type { DeployMetrics } from "./metrics.ts";
import type { WantedData } from "./wanted.ts";

/** What a data deployment needs of its deployer. */
export interface DeploymentOptions {
  readonly location: Location;
  /** Where a source's versions come from. */
  readonly sourceOf: (wanted: WantedData) => BlobSource;
  /** Tells the application; absent where there is none yet. */
  readonly notify?: (wanted: WantedData, signal: AbortSignal) => Promise<void>;
  /** Versions that any data deployment of the pod is asked to have. */
  readonly asked: () => Iterable<Digest>;
  readonly metrics: DeployMetrics;
  /** Told after every attempt. */
  readonly changed?: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/** How far a request is. */
interface Progress {
  readonly state: DataStatus["state"];
  readonly message: string;
  readonly fault?: ApplyFault;
}

/**
 * What is told where another deployer put another version in place. It is not taken back: both would do so for ever.
 */
const overtaken: Progress = {
  state: "failed",
  fault: "request",
  message: "another deployer shares the folder and put another version in place: " +
    "give each a folder or a name of its own, or ask both for the same",
};

/** First and longest wait before another attempt, milliseconds. */
const retry = { initial: 1000, max: 60_000 };

/** Meets one data deployment's requests, one after the other; a new one ends what is under way for an older one. */
export class Deployment {
  #wanted: WantedData;
  readonly #options: DeploymentOptions;
  #progress: Progress = { state: "downloading", message: "" };
  readonly #ended = new AbortController();
  /** Ends what is under way: what is wanted has changed, or must be looked at again. */
  #turn = new AbortController();
  #live: DataVersion | undefined;
  /** Where the link led when it was looked at last. */
  #linked: Digest | undefined;
  /** The version that the application knows of. */
  #told: Digest | undefined;
  /** When it could not be met for the first time since it last was, by the monotonic clock. */
  #unmetSince: number | undefined;

  constructor(wanted: WantedData, options: DeploymentOptions) {
    this.#wanted = wanted;
    this.#options = options;
    this.#look();
    // Who is not noted as untold was told, or starts after us.
    if (!options.location.isUntold(wanted.name)) this.#told = this.#live?.digest;
  }

  /** The version in place, where there is one. */
  get live(): DataVersion | undefined {
    return this.#live;
  }

  /** What is asked for. */
  get wanted(): WantedData {
    return this.#wanted;
  }

  /** Whether what is asked for is in place and the application knows. */
  get isMet(): boolean {
    return this.#wanted.request !== undefined && this.#progress.state === "applied";
  }

  /** Milliseconds for which a request could not be met, and why; `undefined` while nothing fails. */
  unmet(): { readonly ms: number; readonly why: string } | undefined {
    if (this.#unmetSince === undefined) return undefined;
    return { ms: this.#options.clock.monotonic() - this.#unmetSince, why: this.#progress.message };
  }

  /** Something else is wanted, or the same. */
  want(wanted: WantedData): void {
    const before = this.#wanted;
    this.#wanted = wanted;
    if (!isSame(before, wanted)) this.#progress = { state: "downloading", message: "" };
    else if (isToldTheSame(before, wanted)) return;
    this.lookAgain();
  }

  /** Looks where the link leads: another process may have moved it. Cheap while none has. */
  see(): void {
    const { store } = this.#options.location;
    const linked = store.linkedTo(this.#wanted.name);
    if (linked === this.#linked) return;
    // Whoever moved it since this process looked last has verified what it leads to.
    if (linked) store.trust(linked);
    this.#look();
    const { request } = this.#wanted;
    if (this.#progress === overtaken && linked === request?.digest) {
      this.#unmetSince = undefined;
      this.#progress = { state: "applied", message: "" };
    } else if (this.#progress.state === "applied" && linked !== request?.digest) this.#lost(linked);
  }

  /** What is in place may have changed. */
  lookAgain(): void {
    this.#turn.abort(new Error("something else is wanted"));
  }

  /** It is wanted no more. */
  end(): void {
    this.#ended.abort(new Error("the data deployment is gone"));
  }

  /** What is told of it. */
  status(): DataStatus | VersionlessStatus {
    const { request } = this.#wanted;
    const live = this.#live;
    const told = request ?? live;
    if (!told) return this.#progress;
    return { ...told, ...this.#progress, ...(live && live.digest !== told.digest && { live }) };
  }

  /** Meets requests until the signal aborts, or it is wanted no more. */
  async run(until: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const signal = AbortSignal.any([until, this.#ended.signal]);
    const backoff = new Backoff({ ...retry, random });
    while (!signal.aborted) {
      if (this.#turn.signal.aborted) {
        this.#turn = new AbortController();
        backoff.reset();
      }
      const turn = AbortSignal.any([signal, this.#turn.signal]);
      const done = await this.#attempt(turn);
      await (done ? aborted(turn) : sleep(clock, backoff.next(), turn));
    }
  }

  /** @returns whether there is nothing more to do until something changes */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const wanted = this.#wanted;
    const { metrics, clock, log } = this.#options;
    const start = clock.monotonic();
    const first = this.#unmetSince === undefined;
    try {
      if (wanted.problem !== undefined) return this.#refuse(wanted.problem);
      if (!wanted.request) return this.#wait();
      const isNew = !this.isMet;
      await this.#meet(wanted, wanted.request, signal);
      // What was met may be what is wanted no more.
      signal.throwIfAborted();
      this.#unmetSince = undefined;
      this.#progress = { state: "applied", message: "" };
      if (isNew) metrics.ended("applied", first ? (clock.monotonic() - start) / 1000 : undefined);
      if (isNew) log.info("data in place", { name: wanted.name, ...words(wanted.request) });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      return this.#fail(wanted, error);
    } finally {
      this.#look();
      this.#options.changed?.();
    }
  }

  async #meet(wanted: WantedData, version: DataVersion, signal: AbortSignal): Promise<void> {
    const { location, sourceOf, notify, asked } = this.#options;
    const { name } = wanted;
    const had = this.#live?.digest;
    const tell = notify !== undefined && (wanted.notify ?? wanted.notifyProblem) !== undefined;
    const before = await location.place({ name, version, source: sourceOf(wanted), tell, asked }, signal);
    this.#look();
    // An application that had no data before reads it when it starts.
    if (before === undefined && had === undefined) this.#told = version.digest;
    if (this.#told === version.digest || !tell) return;
    if (wanted.notifyProblem !== undefined) throw new FetchFailure("request", wanted.notifyProblem);
    await notify(wanted, signal);
    this.#told = version.digest;
    location.told(name);
  }

  #refuse(problem: string): true {
    if (this.#progress.message !== problem) {
      this.#options.log.warn("cannot follow a request", { name: this.#wanted.name, problem });
    }
    this.#unmetSince ??= this.#options.clock.monotonic();
    this.#progress = { state: "failed", fault: "request", message: problem };
    return true;
  }

  #wait(): true {
    this.#unmetSince = undefined;
    this.#progress = this.#live
      ? { state: "applied", message: "nothing is asked for" }
      : { state: "downloading", message: "nothing is asked for yet" };
    return true;
  }

  /** The version that was in place is not any more: the link leads to another one, or to none of ours. */
  #lost(linked: Digest | undefined): void {
    const { log, clock } = this.#options;
    const { name, request } = this.#wanted;
    if (linked && request) {
      log.warn("another deployer shares the folder", { name, its: linked, ...words(request) });
      this.#unmetSince ??= clock.monotonic();
      this.#progress = overtaken;
      return;
    }
    log.warn("the link to the data was removed or replaced", { name });
    this.#progress = { state: "downloading", message: "the link was removed or replaced" };
    this.lookAgain();
  }

  /** @returns whether trying again would change nothing */
  #fail(wanted: WantedData, error: unknown): boolean {
    const { log, metrics, clock } = this.#options;
    const fault = faultOf(error);
    const message = messageOf(error);
    this.#unmetSince ??= clock.monotonic();
    this.#progress = { state: "failed", fault, message };
    metrics.ended(fault);
    log.warn("cannot apply data", { name: wanted.name, fault, error: message, ...words(wanted.request) });
    return fault === "request";
  }

  #look(): void {
    const { store } = this.#options.location;
    this.#linked = store.linkedTo(this.#wanted.name);
    this.#live = store.inPlace(this.#wanted.name);
  }
}

/** Whether the same is asked for, from the same place. */
function isSame(one: WantedData, other: WantedData): boolean {
  const [a, b] = [one.request, other.request];
  return a?.digest === b?.digest && a?.path === b?.path && a?.version === b?.version &&
    one.problem === other.problem && one.source === other.source && one.url === other.url;
}

function isToldTheSame(one: WantedData, other: WantedData): boolean {
  const [a, b] = [one.notify, other.notify];
  return a?.scheme === b?.scheme && a?.port === b?.port && a?.path === b?.path &&
    one.notifyProblem === other.notifyProblem;
}

function words(version: DataVersion | undefined): { path?: string; digest?: string } {
  return version ? { path: version.path, digest: version.digest } : {};
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
