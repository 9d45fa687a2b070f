/**
 * Watching pods' watchdogs: what is there, then each change of it, with nothing lost between the two.
 *
 * @module
 */
import type { Pod } from "../../k8s/core_v1.ts";
import type { Instant } from "../contract/time.ts";
import { Reflector, type Source } from "../kube/reflector.ts";
import { Store } from "../kube/store.ts";
import type { Clock } from "../runtime/clock.ts";
import { exitCode, exitCodeOf } from "../runtime/failure.ts";
import type { Log } from "../runtime/log.ts";
import { type Reading, readingsOf, type Row, rowsAt, Table, type TableRow } from "./report.ts";

/** What has been shown, and so what is news. */
class Shown {
  readonly #pods = new Map<
    string,
    { readonly readings: readonly Reading[]; readonly rows: readonly Row[] }
  >();

  /** All that is there. */
  rows(): Row[] {
    return [...this.#pods.values()].flatMap(({ rows }) => rows);
  }

  /** What differs on one pod from what was shown: new and changed statuses, then those that are gone. */
  news(pod: string, readings: readonly Reading[] | undefined, now: Instant): TableRow[] {
    const before = this.#pods.get(pod)?.rows ?? [];
    const after = rowsAt(readings ?? [], now);
    if (readings && readings.length > 0) this.#pods.set(pod, { readings, rows: after });
    else this.#pods.delete(pod);
    const same = new Set(before.map((row) => JSON.stringify(row)));
    const left = new Set(after.map(({ watchdog }) => watchdog));
    return [
      ...after.filter((row) => !same.has(JSON.stringify(row))),
      ...before.filter(({ watchdog }) => !left.has(watchdog))
        .map((row): TableRow => ({ ...row, gone: readings ? "removed" : "pod deleted" })),
    ];
  }

  /** What has expired since it was shown. */
  expired(now: Instant): TableRow[] {
    return [...this.#pods].flatMap(([pod, { readings }]) => this.news(pod, readings, now));
  }

  /** When the next of what is shown as current expires. */
  nextExpiry(): Instant | undefined {
    let next: Instant | undefined;
    for (const { readings, rows } of this.#pods.values()) {
      for (const [i, { expires }] of readings.entries()) {
        if (expires === undefined || rows[i]!.expired) continue;
        if (next === undefined || expires < next) next = expires;
      }
    }
    return next;
  }
}

/** What a watch is made of. */
export interface WatchOptions {
  /** The list and watch calls for the pods that are meant. */
  readonly source: Source<Pod>;
  /** Takes the table's lines. */
  readonly print: (text: string) => void;
  /** Called where the first list shows no status; what it throws ends the watch. */
  readonly nothing: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longest wait for an expiry, milliseconds: the wall clock may be set, and timers have a limit. */
const maxWait = 60_000;

/**
 * Shows a table of what is there, and a line for each change, until the signal aborts.
 *
 * @throws KubeError where the first list fails, or when the API server refuses to let us go on
 */
export async function watchPods(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { print, nothing, clock, log } = options;
  const stop = new AbortController();
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    // Whoever ends the watch ends the calls that are under way as well.
    if (signal.aborted) return;
    failures.push(error);
    stop.abort(error);
  };
  const printer = new Printer({ print, clock, fail });
  const store = new Store(readingsOf as (pod: Pod) => Reading[]);
  store.onChange(({ key, after }) => printer.take(key, after));
  const source = giving(options.source, (error) => {
    if (!printer.started || exitCodeOf(error) === exitCode.noPermission) fail(error);
  });
  const reflector = new Reflector({ what: "pods", source, store, clock, log });
  reflector.synced.then(() => printer.start() ? undefined : nothing()).catch(fail);
  const both = AbortSignal.any([signal, stop.signal]);
  await reflector.run(both);
  printer.stop();
  if (failures.length > 0) throw failures[0];
}

type PrinterOptions = Pick<WatchOptions, "print" | "clock"> & { readonly fail: (error: unknown) => void };

/** Prints what is news. */
class Printer {
  readonly #shown = new Shown();
  readonly #table = new Table();
  readonly #options: PrinterOptions;
  #cancel: () => void = () => {};
  started = false;

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  /** Takes what a pod says now; before the start it is only kept. */
  take(pod: string, readings: readonly Reading[] | undefined): void {
    const news = this.#shown.news(pod, readings, this.#options.clock.now());
    if (!this.started) return;
    this.#print(news);
    this.#waitForExpiry();
  }

  /** Prints all that was taken so far, and from now on what is news. Returns whether there was anything. */
  start(): boolean {
    this.started = true;
    const rows = this.#shown.rows();
    this.#print(rows);
    this.#waitForExpiry();
    return rows.length > 0;
  }

  stop(): void {
    this.#cancel();
  }

  #print(rows: readonly TableRow[]): void {
    const { print, clock, fail } = this.#options;
    try {
      const text = this.#table.lines(rows, clock.now());
      if (text !== "") print(text);
    } catch (error) {
      fail(error);
    }
  }

  #waitForExpiry(): void {
    this.#cancel();
    const { clock } = this.#options;
    const next = this.#shown.nextExpiry();
    if (next === undefined) return;
    this.#cancel = clock.after(Math.min(Math.max(next - clock.now(), 0), maxWait), () => {
      this.#print(this.#shown.expired(clock.now()));
      this.#waitForExpiry();
    });
  }
}

/** The same calls; what they throw is told as well. */
function giving(source: Source<Pod>, failed: (error: unknown) => void): Source<Pod> {
  return {
    async list(page) {
      try {
        return await source.list(page);
      } catch (error) {
        failed(error);
        throw error;
      }
    },
    async *watch(from) {
      try {
        yield* source.watch(from);
      } catch (error) {
        failed(error);
        throw error;
      }
    },
  };
}
