/**
 * `dir:` sources: a folder that is mounted here.
 *
 * @module
 */
import { type Clock, sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import { fingerprint } from "./fingerprint.ts";
import type { FetchedTree, Source } from "./source.ts";

/** How long a folder must have been the same before it is packed, milliseconds. */
const quietMs = 200;

/** A folder that never rests is packed all the same after so many looks: packing sees to it that it is no mix. */
const maxLooks = 25;

/** A folder. It has no commits: what was there once cannot be asked for again. */
export class DirSource implements Source {
  /** There are none. */
  readonly hasCommits = false;
  readonly #folder: string;
  readonly #clock: Clock;

  /** @param folder an absolute path */
  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** A fingerprint of the folder's names, sizes and times. */
  async look(signal: AbortSignal): Promise<string> {
    try {
      return await fingerprint(this.#folder, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(`Cannot read the folder "${this.#folder}": ${messageOf(error)}. Is it mounted?`, {
        cause: error,
      });
    }
  }

  /** Waits for a moment without changes, so that what is half written is less likely to be packed. */
  async fetch(revision: string, signal: AbortSignal): Promise<FetchedTree> {
    let seen = revision;
    for (let looks = 0; looks < maxLooks; looks++) {
      await sleep(this.#clock, quietMs, signal);
      const now = await this.look(signal);
      if (now === seen) break;
      seen = now;
    }
    return {
      folder: this.#folder,
      commit: undefined,
      time: Math.floor(this.#clock.now() / 1000),
      still: false,
    };
  }
}
