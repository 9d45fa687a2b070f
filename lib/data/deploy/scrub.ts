/**
 * Reads what is in place again and again, slowly, to find what was altered.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { othersTurn } from "../slices.ts";
import type { StoredEntry } from "../version/entry.ts";
import type { Location } from "./location.ts";
import { strayPaths, wrongEntries } from "./tree_check.ts";

/** Bytes that are read in a second: less than a hundredth of a core. */
const bytesPerSecond = 8 << 20;

/** Bytes that a file without content counts for. */
const entryBytes = 1024;

/** From the end of one pass over everything to the next, milliseconds. */
export const restMs = 15 * 60_000;

/** What a pass needs. */
export interface ScrubOptions {
  readonly location: Location;
  readonly clock: Clock;
}

/**
 * Reads one version, and waits until each of its files is on the disk.
 *
 * @returns whether it is as it should be; a version that is not known is
 */
export async function scrub(
  digest: Digest,
  { location, clock }: ScrubOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { store } = location;
  const stored = store.read(digest);
  if (!stored || !store.has(digest)) return true;
  const folder = store.places.version(digest);
  const entries = stored.layers.flatMap(({ entries }) => entries);
  const pace = new Pace(clock);
  for (const entry of entries) {
    const wrong = await wrongEntries([entry], { folder, how: "content", files: store.files }, signal);
    // Whoever replaces the version may have removed it meanwhile.
    if (wrong.length > 0) return !store.has(digest);
    if (entry.kind === "file") await syncFile(`${folder}/${entry.path}`);
    await pace.after(costOf(entry), signal);
    signal.throwIfAborted();
  }
  if ((await strayPaths(entries, folder, signal)).length > 0) return false;
  await location.changing(signal, async () => {
    const state = store.state(digest);
    if (state && !state.synced && store.isTrusted(digest)) await store.note({ ...state, synced: true });
  });
  return true;
}

function costOf(entry: StoredEntry): number {
  return entry.kind === "file" ? entry.size + entryBytes : entryBytes;
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.sync();
}

/** Keeps to a number of bytes a second. */
class Pace {
  readonly #clock: Clock;
  #owed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async after(bytes: number, signal: AbortSignal): Promise<void> {
    this.#owed += bytes * 1000 / bytesPerSecond;
    // Timers are not finer than this.
    if (this.#owed < 20) return await othersTurn();
    await sleep(this.#clock, this.#owed, signal);
    this.#owed = 0;
  }
}
