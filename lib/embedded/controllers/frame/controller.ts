/**
 * What a controller is to the frame that runs it.
 *
 * @module
 */
import type { Watches } from "./watches.ts";

/** Keeps objects of one kind as they should be. */
export interface Controller {
  /** For log lines. */
  readonly name: string;
  /** Has `look` called with each key that a change may concern. */
  watch(watches: Watches, look: (key: string) => void): void;
  /**
   * Looks at everything anew and brings what the key names one step nearer to what it should be.
   *
   * @returns milliseconds after which to look again though nothing changes
   * @throws anything, to be called again after a while
   */
  sync(key: string): Promise<number | undefined>;
}
