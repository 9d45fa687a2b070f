/**
 * Which keys to look at, and when.
 *
 * @module
 */
import { isStatus } from "../../../kube/errors.ts";
import { Backoff, type Random } from "../../../runtime/backoff.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/failure.ts";
import type { Log } from "../../../runtime/log.ts";

/** What a queue is made of. */
export interface WorkQueueOptions {
  /** Whose queue it is, for log lines. */
  readonly name: string;
  /** Looks at what the key names; milliseconds after which to look again, if at all. */
  readonly sync: (key: string) => Promise<number | undefined>;
  /** How many keys are looked at at once. */
  readonly workers?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/**
 * Syncs keys: several at once, but none twice at the same time. A key that is added while it is synced is
 * synced once more; one whose sync failed is tried again after growing waits.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #syncing = new Map<string, Promise<void>>();
  readonly #alarms = new Map<string, () => void>();
  readonly #backoffs = new Map<string, Backoff>();
  #signal: AbortSignal | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Has a key looked at soon. */
  add(key: string): void {
    this.#waiting.add(key);
    this.#start();
  }

  /** Works until the signal aborts and the last sync has ended; it never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#start();
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    }
    await Promise.all(this.#syncing.values());
    for (const cancel of this.#alarms.values()) cancel();
  }

  #start(): void {
    const { workers = 4 } = this.#options;
    if (!this.#signal || this.#signal.aborted) return;
    for (const key of this.#waiting) {
      if (this.#syncing.size >= workers) return;
      if (this.#syncing.has(key)) continue;
      this.#waiting.delete(key);
      this.#syncing.set(key, this.#sync(key));
    }
  }

  async #sync(key: string): Promise<void> {
    // What this look finds says anew when to look again.
    this.#alarms.get(key)?.();
    this.#alarms.delete(key);
    try {
      const again = await this.#options.sync(key);
      this.#backoffs.delete(key);
      if (again !== undefined) this.#addAfter(key, again);
    } catch (error) {
      this.#failed(key, error);
    } finally {
      this.#syncing.delete(key);
      this.#start();
    }
  }

  #failed(key: string, error: unknown): void {
    const { name, log, random } = this.#options;
    if (this.#signal?.aborted) return;
    const fields = { controller: name, key, error: messageOf(error) };
    // That somebody else was faster is part of the work: it is another one now, or gone.
    if (isStatus(error, 409) || isStatus(error, 404)) log.debug("cannot sync", fields);
    else log.warn("cannot sync", fields);
    const backoff = this.#backoffs.get(key) ?? new Backoff({ initial: 10, max: 30_000, random });
    this.#backoffs.set(key, backoff);
    this.#addAfter(key, backoff.next());
  }

  #addAfter(key: string, ms: number): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#alarms.delete(key);
      this.add(key);
    });
    this.#alarms.set(key, cancel);
  }
}
