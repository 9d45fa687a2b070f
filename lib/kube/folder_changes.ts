/**
 * Waking up when something changes in a folder.
 *
 * @module
 */
import { type Clock, sleep } from "../runtime/clock.ts";

/** A folder that is watched, where the system lets us: there is a limit to how many a user may watch. */
export class FolderChanges implements Disposable {
  readonly #watcher: Deno.FsWatcher | undefined;
  /** Aborts at the next change. */
  #changed = new AbortController();

  /** Begins to watch. A folder that is not there, or may not be watched, never changes. */
  constructor(folder: string) {
    try {
      this.#watcher = Deno.watchFs(folder, { recursive: false });
    } catch {
      return;
    }
    void this.#follow(this.#watcher);
  }

  /** Whether changes are noticed. */
  get watched(): boolean {
    return this.#watcher !== undefined;
  }

  /** Waits for a change since the last call, but at most `ms` milliseconds, or until the signal aborts. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    await sleep(clock, ms, AbortSignal.any([signal, this.#changed.signal]));
    this.#changed = new AbortController();
  }

  /** Watches no more. */
  [Symbol.dispose](): void {
    this.#watcher?.close();
  }

  async #follow(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind } of watcher) if (kind !== "access") this.#changed.abort();
  }
}
