/**
 * Keeps a store in step with an API server: list once, then watch, as client-go's reflector does.
 *
 * @module
 */
import type { WatchEvent } from "../../k8s/client.ts";
import type { ListMeta } from "../../k8s/meta_v1.ts";
import { Backoff, type Random } from "../runtime/backoff.ts";
import { type Clock, sleep } from "../runtime/clock.ts";
import { messageOf } from "../runtime/failure.ts";
import type { Log } from "../runtime/log.ts";
import { isStatus, KubeError } from "./errors.ts";
import { compareVersions, type KubeObject, type Store } from "./store.ts";

/** The options of a list call that a reflector uses; the generated ones take more. */
export interface ListPage {
  limit?: number;
  continue?: string;
  signal?: AbortSignal;
}

/** The options of a watch call that a reflector uses. */
export interface WatchFrom {
  resourceVersion?: string;
  allowWatchBookmarks?: boolean;
  timeoutSeconds?: number;
  signal?: AbortSignal;
}

/** The two calls that a reflector makes: usually two methods of a generated client. */
export interface Source<T> {
  list(options: ListPage): Promise<{ metadata?: ListMeta; items: T[] }>;
  watch(options: WatchFrom): AsyncIterable<WatchEvent<T>>;
}

/** What a reflector is made of. */
export interface ReflectorOptions<T extends KubeObject, V> {
  /** For log lines, for instance `pods in "shop"`. */
  readonly what: string;
  readonly source: Source<T>;
  /** Several reflectors may share a store if each lists a namespace of its own. */
  readonly store: Store<T, V>;
  /** The namespace that the source lists, if it lists one. */
  readonly namespace?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
  /** Longest silence of a watch before it is taken for dead, milliseconds. Servers send a bookmark a minute. */
  readonly silence?: number;
}

/** A watch that was not refused for so long follows the server, though it has told nothing yet, milliseconds. */
const wellAfter = 1000;

/** Objects a page of a list: it bounds how much of an answer is in memory at once. */
const pageSize = 100;

/** How a watch goes on after an event: from there, or from a new list. */
type Next = "watch" | "relist";

/** Lists, watches, and does so again after every end, failure and silence, until its signal aborts. */
export class Reflector<T extends KubeObject, V> {
  readonly #options: ReflectorOptions<T, V>;
  readonly #backoff: Backoff;
  readonly #firstList = Promise.withResolvers<void>();
  #trouble: string | undefined;
  /** The trouble that was logged last, until all was well again for a while. */
  #said: string | undefined;
  #version: string | undefined;
  /** Unset for one list after a page came too late, when the server had forgotten where it was. */
  #pageSize: number | undefined = pageSize;

  constructor(options: ReflectorOptions<T, V>) {
    this.#options = options;
    this.#backoff = new Backoff({
      initial: 800,
      max: 30_000,
      ...(options.random && { random: options.random }),
    });
  }

  /** Resolves when the store has been complete for the first time. */
  get synced(): Promise<void> {
    return this.#firstList.promise;
  }

  /** Whether the store follows the server now, as far as can be told: a server that went silent shows late. */
  get current(): boolean {
    return this.#version !== undefined && this.#trouble === undefined;
  }

  /** Why the store does not follow the server, while it does not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Runs until the signal aborts; it never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = await this.#turn(signal).catch((error) => this.#failed(error, signal));
      if (pause > 0) await sleep(this.#options.clock, pause, signal);
    }
  }

  /** One list where none is valid, then one watch. Returns how long to wait before the next turn. */
  async #turn(signal: AbortSignal): Promise<number> {
    const { clock, source } = this.#options;
    if (this.#version !== undefined && this.#trouble !== undefined) {
      // A watch says nothing until something happens: one object shows that the server is back.
      const { metadata } = await source.list({ limit: 1, signal });
      this.#recovered();
      // It was restored from a backup: a watch from a version that is yet to come would tell nothing until then.
      const now = metadata?.resourceVersion;
      if (now && compareVersions(now, this.#version) < 0) this.#version = undefined;
    }
    this.#version ??= await this.#list(signal);
    const began = clock.monotonic();
    // A server that ends watches as soon as they begin must not be asked in a tight loop.
    const tooSoon = () => clock.monotonic() - began < 1000;
    try {
      const ended = await this.#watch(this.#version, signal);
      if (ended === "relist") this.#version = undefined;
    } finally {
      // A connection that a proxy cuts every minute is no server that stays away.
      if (!tooSoon()) this.#backoff.reset();
    }
    return tooSoon() ? this.#backoff.next() : 0;
  }

  #failed(error: unknown, signal: AbortSignal): number {
    if (signal.aborted) return 0;
    const message = messageOf(error);
    const gone = isStatus(error, 410);
    if (gone) this.#pageSize = this.#version === undefined ? undefined : pageSize;
    // Who may list and not watch is at least as new as the last list.
    if (gone || isStatus(error, 403)) this.#version = undefined;
    // A quiet server that is there is no trouble: one call shows it, and says so where it is not.
    if (!gone && !(error instanceof Silent) && message !== this.#said) {
      this.#said = message;
      this.#options.log.warn("cannot follow the API server", { what: this.#options.what, error: message });
    }
    this.#trouble = gone ? undefined : message;
    const asked = error instanceof KubeError ? error.retryAfter : undefined;
    return Math.max(asked ?? 0, this.#backoff.next());
  }

  /** Reads every page, then forgets what is gone. Returns the version to watch from. */
  async #list(signal: AbortSignal): Promise<string> {
    const { source, store } = this.#options;
    const listing = store.list(this.#options.namespace);
    const limit = this.#pageSize;
    let page: ListPage = { limit, signal };
    for (;;) {
      const { metadata, items } = await source.list(page);
      for (const item of items) listing.take(item);
      if (!metadata?.continue) {
        listing.done();
        this.#pageSize = pageSize;
        this.#recovered();
        this.#firstList.resolve();
        return metadata?.resourceVersion ?? "";
      }
      page = { limit, continue: metadata.continue, signal };
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<Next> {
    const { source, clock, random = Math.random, silence = 90_000 } = this.#options;
    const dead = new AbortController();
    const stop = () => dead.abort(signal.reason);
    signal.addEventListener("abort", stop);
    // It may have aborted since the list, and says so only once.
    if (signal.aborted) stop();
    const watchdog = new Silence(
      clock,
      silence,
      () => dead.abort(new Silent(`silent for ${silence / 1000} s`)),
    );
    const stopWaiting = clock.after(wellAfter, () => this.#follows());
    try {
      const events = source.watch({
        resourceVersion,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.round(300 + 300 * random()),
        signal: dead.signal,
      });
      for await (const event of events) {
        watchdog.heard();
        if (this.#take(event) === "relist") return "relist";
      }
      return "watch";
    } finally {
      stopWaiting();
      watchdog.stop();
      signal.removeEventListener("abort", stop);
    }
  }

  #take(event: WatchEvent<T>): Next {
    const { store } = this.#options;
    if (event.type === "ERROR") {
      const { code } = event.object;
      if (code === 410) return "relist";
      // A server in trouble comes back to where it was; any other error may be about that very place.
      const passing = code !== undefined && (code === 429 || code >= 500);
      if (!passing) this.#version = undefined;
      throw new KubeError({ method: "watch", path: this.#options.what }, code ?? 500, event.object);
    }
    this.#recovered();
    this.#follows();
    if (event.type === "DELETED") store.remove(event.object);
    else if (event.type !== "BOOKMARK") store.upsert(event.object);
    this.#version = event.object.metadata?.resourceVersion ?? this.#version;
    return "watch";
  }

  #recovered(): void {
    this.#trouble = undefined;
  }

  /** A watch lasts, or has told something: what was said of trouble is over. */
  #follows(): void {
    if (this.#said === undefined) return;
    this.#said = undefined;
    this.#options.log.info("following the API server again", { what: this.#options.what });
  }
}

/** A watch told nothing for too long. */
class Silent extends Error {}

/** Calls back once when nothing was heard for a while. Hearing costs no timer. */
class Silence {
  #last: number;
  #cancel: () => void = () => {};
  readonly #clock: Clock;

  constructor(clock: Clock, limit: number, dead: () => void) {
    this.#clock = clock;
    this.#last = clock.monotonic();
    const look = () => {
      const left = this.#last + limit - clock.monotonic();
      if (left > 0) this.#cancel = clock.after(left, look);
      else dead();
    };
    look();
  }

  heard(): void {
    this.#last = this.#clock.monotonic();
  }

  stop(): void {
    this.#cancel();
  }
}
