/**
 * The scrub of everything that is in place, and what follows from it.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { loop } from "../../runtime/loop.ts";
import type { Deployment } from "./deployment.ts";
import type { Location } from "./location.ts";
import { restMs, scrub } from "./scrub.ts";

/** What is scrubbed. */
export interface ScrubberOptions {
  readonly location: () => Location | undefined;
  readonly deployments: () => Iterable<Deployment>;
  readonly clock: Clock;
  readonly log: Log;
}

/** From one look for versions that were never scrubbed to the next, milliseconds. */
const lookEvery = 10_000;

/** Scrubs new versions soon, and all of them again and again. */
export class Scrubber {
  readonly #options: ScrubberOptions;
  #rested: number;

  constructor(options: ScrubberOptions) {
    this.#options = options;
    this.#rested = options.clock.monotonic();
  }

  /** Scrubs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    await loop({
      every: lookEvery,
      turn: (signal) => this.#turn(signal),
      failed: (error) => log.warn("cannot scrub data", { error: messageOf(error) }),
      clock,
      signal,
    });
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const location = this.#options.location();
    if (!location) return;
    for (const deployment of this.#options.deployments()) deployment.see();
    const all = clock.monotonic() - this.#rested >= restMs;
    for (const digest of this.#live()) {
      if (all || !location.store.state(digest)?.synced) await this.#scrub(digest, location, signal);
    }
    if (all) this.#rested = clock.monotonic();
  }

  async #scrub(digest: Digest, location: Location, signal: AbortSignal): Promise<void> {
    const { clock, log, deployments } = this.#options;
    if (await scrub(digest, { location, clock }, signal)) return;
    log.warn("data in place was altered", { digest });
    await location.changing(signal, () => location.store.distrust(digest));
    for (const deployment of deployments()) if (deployment.live?.digest === digest) deployment.lookAgain();
  }

  #live(): Set<Digest> {
    return new Set([...this.#options.deployments()].flatMap(({ live }) => live ? [live.digest] : []));
  }
}
