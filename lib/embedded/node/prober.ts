/**
 * The probes of one run of a container.
 *
 * @module
 */
import { type Clock, sleep, within } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import { loop } from "../../runtime/loop.ts";
import type { ProbeOutcome } from "./probe_action.ts";
import type { ProbeAction, ProbeKind, ProbePlan } from "./probe_plan.ts";
import { extended, isReached, type Streak } from "./streak.ts";

/** What the probes are made of. */
export interface ProberOptions {
  readonly probes: readonly ProbePlan[];
  /** Carries one probe out; the signal aborts when it has taken too long. */
  readonly ask: (action: ProbeAction, signal: AbortSignal) => Promise<ProbeOutcome>;
  /** Told when {@linkcode Prober.found} has changed. */
  readonly changed: () => void;
  /** Told of each failure. */
  readonly failed: (kind: ProbeKind, why: string) => void;
  readonly clock: Clock;
}

/** What the probes of a run amount to. */
export interface Found {
  readonly started: boolean;
  readonly ready: boolean;
  /** The probe that failed so often that the container must be restarted. */
  readonly failing: "startup" | "liveness" | undefined;
}

/** Waits between looks at a server that does not listen yet, milliseconds. */
const soonest = 25;
const latest = 400;

/** Probes a run from its start until it is told to stop. Where there is no probe of a kind, all is well. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #startedAt: number;
  readonly #stops = new Map<ProbeKind, AbortController>();
  #started: boolean;
  #ready: boolean;
  #failing: Found["failing"];

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    this.#started = !this.#plan("startup");
    this.#ready = !this.#plan("readiness");
    for (const kind of this.#started ? ["readiness", "liveness"] as const : ["startup"] as const) {
      this.#begin(kind);
    }
  }

  /** What was found so far. */
  get found(): Found {
    return { started: this.#started, ready: this.#started && this.#ready, failing: this.#failing };
  }

  /** The container is being ended: nothing more is to restart it. It is ready as long as it says so. */
  calm(): void {
    this.#stop("startup");
    this.#stop("liveness");
  }

  /** Ends all probes. */
  stop(): void {
    for (const kind of [...this.#stops.keys()]) this.#stop(kind);
  }

  #plan(kind: ProbeKind): ProbePlan | undefined {
    return this.#options.probes.find((one) => one.kind === kind);
  }

  #begin(kind: ProbeKind): void {
    const plan = this.#plan(kind);
    if (!plan) return;
    const stop = new AbortController();
    this.#stops.set(kind, stop);
    // Everything that a probe can meet is an outcome; nothing is left to reject with.
    void this.#repeat(plan, stop.signal);
  }

  #stop(kind: ProbeKind): void {
    this.#stops.get(kind)?.abort();
    this.#stops.delete(kind);
  }

  async #repeat(plan: ProbePlan, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await sleep(clock, Math.max(0, this.#startedAt + plan.initialDelay - clock.monotonic()), signal);
    let streak: Streak | undefined;
    let fresh = true;
    const take = (outcome: ProbeOutcome) => {
      if (signal.aborted) return;
      if (!outcome.ok) this.#options.failed(plan.kind, outcome.why);
      fresh &&= !outcome.ok;
      streak = extended(streak, outcome.ok);
      if (isReached(streak, plan.thresholds)) this.#verdict(plan.kind, outcome.ok);
    };
    await loop({
      every: plan.period,
      turn: async () => take(await this.#look(plan, fresh, signal)),
      failed: (error) => take({ ok: false, why: messageOf(error) }),
      clock,
      signal,
    });
  }

  /**
   * Probes once; where a server does not listen yet, again in a moment, so that the container is ready when it
   * is and not a period later. However often it is asked, that is one failure a period.
   */
  async #look(plan: ProbePlan, fresh: boolean, signal: AbortSignal): Promise<ProbeOutcome> {
    const { ask, clock } = this.#options;
    const end = clock.monotonic() + plan.period;
    for (let wait = soonest;; wait = Math.min(latest, wait * 2)) {
      const outcome = await within(clock, plan.timeout, signal, (limit) => ask(plan.action, limit));
      const early = fresh && !outcome.ok && outcome.refused && plan.kind !== "liveness";
      if (!early || signal.aborted || clock.monotonic() + wait >= end) return outcome;
      await sleep(clock, wait, signal);
    }
  }

  #verdict(kind: ProbeKind, ok: boolean): void {
    const before = this.found;
    if (kind === "readiness") this.#ready = ok;
    else if (!ok) this.#failing = kind;
    if (kind === "startup") this.#stop(kind);
    if (kind === "startup" && ok) this.#hasStarted();
    if (this.#failing) this.calm();
    const { started, ready, failing } = this.found;
    if (started !== before.started || ready !== before.ready || failing !== before.failing) {
      this.#options.changed();
    }
  }

  #hasStarted(): void {
    this.#started = true;
    this.#begin("readiness");
    this.#begin("liveness");
  }
}
