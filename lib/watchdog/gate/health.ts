/**
 * The gate: whether a pod has been free of watchdog errors for long enough. Pure over what it remembers.
 *
 * @module
 */
import { key, namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { errorCleared } from "../../contract/status.ts";
import { type Instant, parseTime } from "../../contract/time.ts";
import { type Watchdog, watchdogsOf } from "../../contract/watchdog.ts";
import type { Clock } from "../../runtime/clock.ts";

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

/** A time on the monotonic clock, milliseconds: nobody can set it. */
type Ticks = number;

/** A watchdog in error, and when its status expires. */
interface Held {
  readonly name: string;
  readonly message: string;
  readonly until: Ticks;
}

/**
 * Follows a pod's annotations and answers whether it is ready. Intervals go by the monotonic clock, so a wall clock
 * that is set neither holds nor opens the gate: times in annotations are told by it once, when they are first seen.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #times: WrittenTimes;
  #held: readonly Held[] = [];
  #unreported: readonly string[] = [];
  /** The pod's start; this process's where nothing says better. */
  #started: Ticks;
  readonly #processStarted: Ticks;
  #known = false;
  /** The last moment at which the pod is known to have had an error. */
  #lastError: Ticks = -Infinity;

  /** Begins to count now. */
  constructor(limits: GateLimits, clock: Pick<Clock, "now" | "monotonic">) {
    this.#limits = limits;
    this.#clock = clock;
    this.#times = new WrittenTimes(clock);
    this.#started = this.#processStarted = clock.monotonic();
  }

  /** Takes the pod's annotations as they are now. */
  observe(annotations: StringMap): void {
    const now = this.#clock.monotonic();
    this.#known = true;
    // An error that goes has lasted until now, whether or not anybody asked meanwhile.
    this.#noteErrors(now);
    const watchdogs = watchdogsOf(annotations);
    this.#unreported = this.#limits.waitForResults ? unreportedIn(annotations, watchdogs) : [];
    this.#times.next();
    const started = parseTime(annotations[key.started] ?? "");
    this.#started = started === undefined ? this.#processStarted : this.#times.past("started", started);
    this.#held = watchdogs.filter(({ gates }) => gates).flatMap((watchdog) => this.#read(watchdog, now));
    this.#noteErrors(now);
  }

  /** Whether the pod is ready now, and what is missing where it is not. */
  health(): GateHealth {
    const now = this.#clock.monotonic();
    const { minReady, alwaysHealthyAfter } = this.#limits;
    if (alwaysHealthyAfter !== undefined && now - this.#started >= alwaysHealthyAfter) {
      return { ready: true, waitingFor: [] };
    }
    if (!this.#known) return { ready: false, waitingFor: ["the pod's annotations, which are not known yet"] };
    this.#noteErrors(now);
    const waitingFor = [
      ...this.#held.filter(({ until }) => until > now).map(({ name, message }) =>
        `watchdog ${name}: ${message}`
      ),
      ...this.#unreported.map((name) => `the first result of watchdog ${name}`),
    ];
    const left = Math.max(this.#started, this.#lastError) + minReady - now;
    if (minReady > 0 && left > 0) waitingFor.push(`${Math.ceil(left / 1000)} s more without watchdog errors`);
    return { ready: waitingFor.length === 0, waitingFor };
  }

  /** What one watchdog says: an error that has not expired is held, one that was cleared is noted. */
  #read({ name, status, expires }: Watchdog, now: Ticks): Held[] {
    const until = expires === undefined ? Infinity : this.#times.at(`expires ${name}`, expires);
    if (status?.message === errorCleared) this.#noteError(this.#times.past(`cleared ${name}`, status.at));
    return status?.level === "error" && until > now ? [{ name, message: status.message, until }] : [];
  }

  /** The errors that are held have lasted until now, or until they expired. */
  #noteErrors(now: Ticks): void {
    for (const { until } of this.#held) this.#noteError(Math.min(now, until));
  }

  #noteError(at: Ticks): void {
    this.#lastError = Math.max(this.#lastError, at);
  }
}

/** A time as it was written, and as it was told when it was first seen. */
interface WrittenTime {
  readonly written: Instant;
  readonly ticks: Ticks;
}

/** Times that others wrote by wall clocks, as they are on our monotonic clock. One is kept for each place. */
class WrittenTimes {
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  #before: Map<string, WrittenTime> = new Map();
  #kept: Map<string, WrittenTime> = new Map();

  constructor(clock: Pick<Clock, "now" | "monotonic">) {
    this.#clock = clock;
  }

  /** The annotations are read anew: what is not asked for until the next time is forgotten. */
  next(): void {
    this.#before = this.#kept;
    this.#kept = new Map();
  }

  /** When `written` is, as it was told when it was first seen in this place. */
  at(place: string, written: Instant): Ticks {
    return this.#seen(place, written, Infinity);
  }

  /** The same for a time that must be past: one in the future is as when it was first seen. */
  past(place: string, written: Instant): Ticks {
    return this.#seen(place, written, this.#clock.monotonic());
  }

  #seen(place: string, written: Instant, latest: Ticks): Ticks {
    const known = this.#before.get(place);
    const seen = known?.written === written ? known : {
      written,
      ticks: Math.min(latest, this.#clock.monotonic() + written - this.#clock.now()),
    };
    this.#kept.set(place, seen);
    return seen.ticks;
  }
}

/** The probes that have no result yet, those included whose results are only shown. */
function unreportedIn(annotations: StringMap, watchdogs: readonly Watchdog[]): string[] {
  const reported = new Set(watchdogs.flatMap(({ name, status }) => (status ? [name] : [])));
  return namesUnder(annotations, prefix.probe).filter((name) => !reported.has(name));
}
