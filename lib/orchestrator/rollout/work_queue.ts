/**
 * When to look at what: soon after it changed, when something is due, and later and later after a failure.
 *
 * @module
 */
import { Backoff, type Random } from "../../runtime/backoff.ts";
import type { Clock } from "../../runtime/clock.ts";

/** What a work queue is made of. */
export interface WorkQueueOptions {
  /** Looks at one thing. @returns milliseconds after which to look again though nothing happens */
  readonly turn: (what: string) => Promise<number>;
  /** Told of a turn that threw; it is tried again, later and later. */
  readonly failed: (what: string, error: unknown) => void;
  readonly clock: Clock;
  readonly random?: Random;
}

/** How long changes are gathered before they are looked at, milliseconds. */
const gatherMs = 50;

/** A turn is followed by a rest of so many times what it took: many changes must not fill a processor. */
const restFactor = 4;

const patience = { initial: 500, max: 30_000 };

interface Item {
  readonly backoff: Backoff;
  cancel: (() => void) | undefined;
  /** When its timer is due, monotonic milliseconds. */
  due: number;
  running: Promise<void> | undefined;
  /** No turn begins before. */
  restsUntil: number;
}

/** A queue of things to look at, each by its name: never two turns of one at once. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #items = new Map<string, Item>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Something changed: it is looked at soon. */
  ask(what: string): void {
    this.#in(what, gatherMs);
  }

  /** Looks at once; resolves when a turn that began from now on is over. */
  async now(what: string): Promise<void> {
    const item = this.#item(what);
    while (item.running) await item.running;
    if (!this.#stopped) await this.#run(what, item);
  }

  /** Begins no turn from now on, until {@link WorkQueue.start}; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const item of this.#items.values()) disarm(item);
    await Promise.all([...this.#items.values()].map(({ running }) => running));
    if (this.#stopped) this.#items.clear();
  }

  /** Begins again. */
  start(): void {
    this.#stopped = false;
  }

  #item(what: string): Item {
    const { random } = this.#options;
    const held = this.#items.get(what) ?? {
      backoff: new Backoff({ ...patience, ...(random && { random }) }),
      cancel: undefined,
      due: Infinity,
      running: undefined,
      restsUntil: 0,
    };
    this.#items.set(what, held);
    return held;
  }

  #in(what: string, ms: number): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const item = this.#item(what);
    const due = Math.max(clock.monotonic() + ms, item.restsUntil);
    if (item.due <= due) return;
    item.cancel?.();
    item.due = due;
    item.cancel = clock.after(due - clock.monotonic(), () => {
      item.due = Infinity;
      item.cancel = undefined;
      // What is under way may have looked before the change.
      if (item.running) item.running.then(() => this.#in(what, 0));
      else void this.#run(what, item);
    });
  }

  #run(what: string, item: Item): Promise<void> {
    disarm(item);
    item.running = this.#turn(what, item).finally(() => item.running = undefined);
    return item.running;
  }

  async #turn(what: string, item: Item): Promise<void> {
    const { turn, failed, clock } = this.#options;
    const began = clock.monotonic();
    let wait: number;
    try {
      wait = await turn(what);
      item.backoff.reset();
    } catch (error) {
      failed(what, error);
      wait = item.backoff.next();
      item.restsUntil = clock.monotonic() + wait;
    }
    const now = clock.monotonic();
    item.restsUntil = Math.max(item.restsUntil, now + restFactor * (now - began));
    this.#in(what, wait);
  }
}

/** Cancels an item's timer; who asks next must not take it for one that is still to come. */
function disarm(item: Item): void {
  item.cancel?.();
  item.cancel = undefined;
  item.due = Infinity;
}
