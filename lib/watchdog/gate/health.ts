/**
 * The gate: whether a pod has been free of watchdog errors for long enough. Pure over what it remembers.
 *
 * @module
 */
import { key, namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { errorCleared, isCurrent } from "../../contract/status.ts";
import { type Instant, parseTime } from "../../contract/time.ts";
import { type Watchdog, watchdogsOf } from "../../contract/watchdog.ts";

/** The settings that decide, milliseconds. */
export interface GateLimits {
  readonly minReady: number;
  readonly alwaysHealthyAfter: number | undefined;
  readonly waitForResults: boolean;
}

/** What is answered, and why. */
export interface GateHealth {
  readonly ready: boolean;
  /** What is missing, in words; empty where nothing is. */
  readonly waitingFor: readonly string[];
}

/** Follows a pod's annotations and answers whether it is ready. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #processStarted: Instant;
  #watchdogs: readonly Watchdog[] = [];
  #unreported: readonly string[] = [];
  #podStarted: Instant | undefined;
  #known = false;
  /** The last moment at which the pod is known to have had an error. */
  #lastError: Instant = -Infinity;
  /** Times that were in the future, and when they were first seen: their writer's clock is wrong. */
  readonly #firstSeen = new Map<string, Instant>();

  /** @param processStarted when this process began: the pod's start where nothing says better */
  constructor(limits: GateLimits, processStarted: Instant) {
    this.#limits = limits;
    this.#processStarted = processStarted;
  }

  /** Takes the pod's annotations as they are at `now`. */
  observe(annotations: StringMap, now: Instant): void {
    this.#known = true;
    // An error that goes has lasted until now, whether or not anybody asked meanwhile.
    this.#noteErrors(now);
    const watchdogs = watchdogsOf(annotations);
    this.#watchdogs = watchdogs.filter(({ gates }) => gates);
    this.#unreported = this.#limits.waitForResults ? unreportedIn(annotations, watchdogs) : [];
    const written = parseTime(annotations[key.started] ?? "");
    this.#podStarted = written === undefined ? undefined : this.#seenAt("the pod's start", written, now);
    for (const { name, status } of this.#watchdogs) {
      if (status?.message === errorCleared) this.#noteError(this.#seenAt(name, status.at, now));
    }
    this.#watchdogs = this.#watchdogs.filter((watchdog) => isCurrent(watchdog, now));
    this.#noteErrors(now);
  }

  /** Whether the pod is ready at `now`, and what is missing where it is not. */
  healthAt(now: Instant): GateHealth {
    const started = Math.min(this.#podStarted ?? this.#processStarted, now);
    const { minReady, alwaysHealthyAfter } = this.#limits;
    if (alwaysHealthyAfter !== undefined && now - started >= alwaysHealthyAfter) {
      return { ready: true, waitingFor: [] };
    }
    if (!this.#known) return { ready: false, waitingFor: ["the pod's annotations, which are not known yet"] };
    const errors = this.#errorsAt(now);
    this.#noteErrors(now);
    const waitingFor = [
      ...errors.map(({ name, status }) => `watchdog ${name}: ${status?.message}`),
      ...this.#unreported.map((name) => `the first result of watchdog ${name}`),
    ];
    const left = Math.max(started, this.#lastError) + minReady - now;
    if (minReady > 0 && left > 0) waitingFor.push(`${Math.ceil(left / 1000)} s more without watchdog errors`);
    return { ready: waitingFor.length === 0, waitingFor };
  }

  #errorsAt(now: Instant): Watchdog[] {
    return this.#watchdogs.filter((watchdog) =>
      watchdog.status?.level === "error" && isCurrent(watchdog, now)
    );
  }

  /** The errors that were current when they were observed have lasted until now, or until they expired. */
  #noteErrors(now: Instant): void {
    for (const { status, expires } of this.#watchdogs) {
      if (status?.level === "error") this.#noteError(Math.min(now, expires ?? now));
    }
  }

  #noteError(at: Instant): void {
    this.#lastError = Math.max(this.#lastError, at);
  }

  /** A time that somebody wrote; one that is yet to come counts as when it was first seen. */
  #seenAt(what: string, at: Instant, now: Instant): Instant {
    const id = `${what} ${at}`;
    const seen = this.#firstSeen.get(id) ?? (at > now ? now : undefined);
    if (seen === undefined) return at;
    this.#firstSeen.set(id, seen);
    return seen;
  }
}

/** The probes that have no result yet, those included whose results are only shown. */
function unreportedIn(annotations: StringMap, watchdogs: readonly Watchdog[]): string[] {
  const reported = new Set(watchdogs.flatMap(({ name, status }) => (status ? [name] : [])));
  return namesUnder(annotations, prefix.probe).filter((name) => !reported.has(name));
}
