/**
 * The work that a program repeats, and whether it still does.
 *
 * @module
 */
import { type Clock, sleep } from "./clock.ts";
import type { Random } from "./backoff.ts";

/** What a loop needs to know. */
export interface LoopOptions {
  /** Milliseconds from the start of one turn to the start of the next. */
  readonly every: number;
  /** One turn. What it throws goes to `failed`, and the next turn comes as if nothing had happened. */
  readonly turn: (signal: AbortSignal) => Promise<void> | void;
  /** Told of each turn that threw. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Spreads the first turn over one interval, so that many loops do not turn together. */
  readonly spread?: Random;
}

/** Repeats `turn` until the signal aborts. Turns never overlap; one that overran is followed at once. */
export async function loop({ every, turn, failed, clock, signal, spread }: LoopOptions): Promise<void> {
  let due = clock.monotonic() + (spread ? spread() * every : 0);
  while (!signal.aborted) {
    await sleep(clock, Math.max(0, due - clock.monotonic()), signal);
    if (signal.aborted) return;
    const start = clock.monotonic();
    // Intervals that passed unused are gone: otherwise two turns would follow each other at once.
    due = start < due + every ? due + every : start + every;
    try {
      await turn(signal);
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
  }
}

/** Whether something that should happen every so often still does. */
export class Heartbeat {
  #last: number;
  readonly #clock: Clock;
  readonly #limit: number;

  /** @param limit the longest time between two beats, milliseconds */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#last = clock.monotonic();
  }

  /** It happened. */
  beat(): void {
    this.#last = this.#clock.monotonic();
  }

  /** What is wrong, in words, when it has not happened for too long. */
  trouble(what: string): string | undefined {
    const ago = this.#clock.monotonic() - this.#last;
    return ago <= this.#limit ? undefined : `no ${what} for ${Math.round(ago / 1000)} s`;
  }
}
