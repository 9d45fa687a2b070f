/**
 * All sources that are followed now: they come, change and go with the configuration.
 *
 * @module
 */
import { cleanText } from "../../contract/text.ts";
import { describeSource, type SourceSpec } from "../../contract/source_spec.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { Source } from "../source/source.ts";
import type { Configured } from "./configured.ts";
import { Crawler, type Poked } from "./crawler.ts";
import { Intake } from "./intake.ts";
import type { RepositoryMetrics } from "./metrics.ts";
import { Packer } from "./packer.ts";
import type { Repository } from "./repository.ts";
import { Semaphore } from "./semaphore.ts";

/** What following sources needs. */
export interface SourcesOptions {
  readonly repository: Repository;
  /** Makes a source of its spec, with a scratch folder of its own. */
  readonly open: (name: string, spec: SourceSpec) => Source;
  /** Milliseconds from one look at an upstream to the next. */
  readonly every: number;
  /** Deletes what is of no use, where the disk is full. */
  readonly makeRoom: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RepositoryMetrics;
}

/** How many upstreams are read at once. */
const upstreamsAtOnce = 4;

/** One source that is followed. */
interface Followed {
  /** Its spec as it was when it was begun. */
  readonly spec: string;
  readonly crawler: Crawler;
  readonly intake: Intake;
  readonly end: AbortController;
  readonly ended: Promise<void>;
}

/** The sources that are followed. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #upstreams = new Semaphore(upstreamsAtOnce);
  readonly #followed = new Map<string, Followed>();
  readonly #changes = new Semaphore(1);
  #last = "";

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** The intake of a source that is followed now. */
  intakeOf(source: string): Intake | undefined {
    return this.#followed.get(source)?.intake;
  }

  /** Has a source looked at at once; `undefined` where it is not followed. */
  poke(source: string): Poked | undefined {
    return this.#followed.get(source)?.crawler.poke();
  }

  /** Which source stands still, in words; `undefined` while all are followed. */
  trouble(): string | undefined {
    for (const { crawler } of this.#followed.values()) {
      const trouble = crawler.trouble();
      if (trouble !== undefined) return trouble;
    }
    return undefined;
  }

  /** Follows just these sources. Nothing happens where they are the same as before. */
  async set(configured: ReadonlyMap<string, Configured>, signal: AbortSignal): Promise<void> {
    const text = JSON.stringify([...configured]);
    if (text === this.#last) return;
    this.#last = text;
    await this.#changes.run(() => this.#set(configured, signal), signal);
  }

  /** Waits until no source is followed any more: the signal aborted. */
  async ended(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ ended }) => ended));
  }

  async #set(configured: ReadonlyMap<string, Configured>, signal: AbortSignal): Promise<void> {
    const { repository, log, metrics } = this.#options;
    repository.configure([...configured.keys()]);
    for (const [name, { spec, end, ended }] of this.#followed) {
      if (spec === JSON.stringify(configured.get(name))) continue;
      end.abort(new Error("the source is configured otherwise now"));
      await ended;
      this.#followed.delete(name);
      if (!configured.has(name)) metrics.forget(name);
      log.info("a source is not followed any more as it was", { source: name });
    }
    for (const [name, spec] of configured) {
      if (this.#followed.has(name)) continue;
      if ("problem" in spec) this.#refuse(name, spec.problem);
      else this.#follow(name, spec, signal);
    }
  }

  #refuse(name: string, problem: string): void {
    const { log, repository } = this.#options;
    const trouble = `Cannot follow the source: ${problem}.`;
    log.error("cannot follow a source", { source: name, problem });
    repository.setTrouble(name, trouble);
  }

  #follow(name: string, spec: SourceSpec, signal: AbortSignal): void {
    const { repository, open, every, clock, log } = this.#options;
    const packer = new Packer(name, repository, clock);
    const source = open(name, spec);
    const intake = new Intake({ ...this.#options, name, source, packer, upstreams: this.#upstreams });
    const crawler = new Crawler({
      name,
      every,
      clock,
      look: (signal) => intake.look(signal),
      told: (error) => this.#told(name, error),
    });
    const end = new AbortController();
    const ended = crawler.run(AbortSignal.any([signal, end.signal]));
    this.#followed.set(name, { spec: JSON.stringify(spec), crawler, intake, end, ended });
    log.info("following a source", { source: name, from: describeSource(spec) });
  }

  #told(name: string, error: unknown): void {
    const { repository, log } = this.#options;
    const before = repository.troubleOf(name)?.message;
    const message = error === undefined ? undefined : cleanText(messageOf(error), 500);
    if (message === before) return;
    if (message !== undefined) log.warn("cannot bring a source up to date", { source: name, error: message });
    else log.info("a source can be read again", { source: name });
    repository.setTrouble(name, message);
  }
}
