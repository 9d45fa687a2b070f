/**
 * One deployer at a time changes a location.
 *
 * @module
 */
import { type Clock, sleep } from "../../runtime/clock.ts";

/** From one try to take the lock to the next, milliseconds. */
const tryEvery = 50;

/**
 * A lock on a file. The kernel releases it when the process ends, however it does. Within this process several
 * may hold it at once: they know of each other.
 */
export class LocationLock {
  readonly #path: string;
  readonly #clock: Clock;
  #file: Deno.FsFile | undefined;
  #holders = 0;

  /** @param path a file; it is made where it is not there, and never removed */
  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Whether just one holds it. */
  get alone(): boolean {
    return this.#holders === 1;
  }

  /** Waits for the lock, does `work` and releases it. */
  async hold<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (!this.#take()) {
      await sleep(this.#clock, tryEvery, signal);
      signal.throwIfAborted();
    }
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #take(): boolean {
    if (!this.#file) {
      const file = Deno.openSync(this.#path, { read: true, write: true, create: true });
      if (!file.tryLockSync(true)) {
        file.close();
        return false;
      }
      this.#file = file;
    }
    this.#holders++;
    return true;
  }

  #release(): void {
    if (--this.#holders > 0) return;
    this.#file?.close();
    this.#file = undefined;
  }
}
