/**
 * When a source is looked at: every so often, at once when it is poked, later and later while it fails.
 *
 * @module
 */
import { Backoff, type Random } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { BadVersion } from "../version/bad_version.ts";

/** What a crawler needs. */
export interface CrawlerOptions {
  readonly name: string;
  /** One look. What it throws goes to `told`. */
  readonly look: (signal: AbortSignal) => Promise<void>;
  /** Told how each look ended: with an error, or with `undefined`. */
  readonly told: (error: unknown) => void;
  /** Milliseconds from one look to the next. */
  readonly every: number;
  readonly clock: Clock;
  readonly random?: Random;
}

/** What comes of a poke: a look now, one after the present one, or none more, as one is to come already. */
export type Poked = "now" | "after" | "already";

/** First wait after a failure, milliseconds; the longest one is that between looks. */
const firstWait = 2_000;

/** Longest that a look may take, milliseconds: git's own limits end it long before. */
const longestLook = 3 * 3_600_000;

/** How late a look may be, milliseconds, before the crawler stands still. */
const late = 60_000;

/** Looks at one source again and again. */
export class Crawler {
  readonly #options: CrawlerOptions;
  readonly #backoff: Backoff;
  readonly #random: Random;
  #looking = false;
  #poked = false;
  #wake = new AbortController();
  #deadline: number;

  constructor(options: CrawlerOptions) {
    const { every, random = Math.random, clock } = options;
    this.#options = options;
    this.#random = random;
    this.#backoff = new Backoff({ initial: Math.min(firstWait, every), max: every, random });
    this.#deadline = clock.monotonic() + late;
  }

  /** Has the source looked at at once, or once more where it is looked at right now. */
  poke(): Poked {
    const before = this.#poked;
    this.#poked = true;
    this.#wake.abort();
    return before ? "already" : this.#looking ? "after" : "now";
  }

  /** Why it stands still, in words; `undefined` while it works. */
  trouble(): string | undefined {
    const { clock, name } = this.#options;
    return clock.monotonic() > this.#deadline ? `the source ${name} is not looked at any more` : undefined;
  }

  /** Looks until the signal aborts. The first look comes at once. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      this.#poked = false;
      this.#wake = new AbortController();
      this.#looking = true;
      this.#deadline = clock.monotonic() + longestLook;
      const wait = await this.#look(signal);
      this.#looking = false;
      this.#deadline = clock.monotonic() + wait + late;
      await sleep(clock, wait, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Looks, and says how long to wait. */
  async #look(signal: AbortSignal): Promise<number> {
    const { look, told } = this.#options;
    try {
      await look(signal);
      told(undefined);
    } catch (error) {
      if (signal.aborted) return 0;
      told(error);
      // The upstream is well where only its content is refused: it is looked at as ever.
      if (!(error instanceof BadVersion)) return this.#backoff.next();
    }
    this.#backoff.reset();
    // Sources that began together drift apart.
    return this.#options.every * (0.9 + 0.2 * this.#random());
  }
}
