/**
 * A gate whose clock stands where a test says, so that tests can be written in wall-clock times.
 *
 * @module
 */
import type { StringMap } from "../../../lib/contract/keys.ts";
import { Gate, type GateHealth, type GateLimits } from "../../../lib/watchdog/gate/health.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** When the gate's process begins. */
const began = "2026-01-31T12:00:00Z";

/** A gate, and the time. */
export class TimedGate {
  readonly clock = new FakeClock(began);
  readonly #gate: Gate;

  constructor(limits: Partial<GateLimits> = {}) {
    const all = { minReady: 0, alwaysHealthyAfter: undefined, waitForResults: false, ...limits };
    this.#gate = new Gate(all, this.clock);
  }

  /** Lets time pass until the wall clock says `now`, and shows the gate these annotations. */
  observe(annotations: StringMap, now: number = this.clock.now()): void {
    this.#until(now);
    this.#gate.observe(annotations);
  }

  /** Lets time pass until the wall clock says `now`, and asks. */
  healthAt(now: number = this.clock.now()): GateHealth {
    this.#until(now);
    return this.#gate.health();
  }

  #until(now: number): void {
    const ms = now - this.clock.now();
    if (ms < 0) throw new RangeError("time does not run backwards");
    this.clock.suspend(ms);
  }
}
