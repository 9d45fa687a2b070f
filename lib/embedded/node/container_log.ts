/**
 * What one run of a container printed: its newest lines, in memory.
 *
 * @module
 */
import type { LogRequest } from "../api/pod_logs.ts";

/** One line, or a part of a very long one. */
interface Line {
  /** When its end came, milliseconds since 1970. */
  readonly at: number;
  /** With its newline, where it has one. */
  readonly bytes: Uint8Array;
}

/** Which part of a log is read, and how. */
export type LogOptions = Pick<LogRequest, "follow" | "timestamps" | "tailLines" | "since" | "limitBytes">;

/** The most that is kept, bytes; the oldest lines go first. */
const most = 1024 * 1024;

/** What a line takes beside its bytes, roughly. */
const overhead = 100;

/** Longer lines are kept in parts, bytes: as container runtimes do. */
const longestLine = 16 * 1024;

/** How much is handed to a reader at once, bytes. */
const chunk = 64 * 1024;

const newline = 10;
const encoder = new TextEncoder();

/** Takes what a run prints and gives it to readers, also while it goes on. */
export class ContainerLog {
  #lines: Line[] = [];
  /** How many lines have gone, so that a reader's place stays the same when more do. */
  #gone = 0;
  #size = 0;
  #over = false;
  readonly #unfinished = new Map<string, Uint8Array>();
  readonly #waiting = new Set<() => void>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes what came out of one of the run's streams. */
  write(bytes: Uint8Array, stream: string): void {
    const begun = this.#unfinished.get(stream);
    let left = begun?.length ? joined([begun, bytes]) : bytes;
    for (;;) {
      const end = left.indexOf(newline) + 1;
      const length = end > 0 && end <= longestLine ? end : left.length >= longestLine ? longestLine : 0;
      if (length === 0) break;
      this.#add(left.subarray(0, length));
      left = left.subarray(length);
    }
    this.#unfinished.set(stream, left.slice());
    this.#wake();
  }

  /** The run is over: what was begun is a line, and who follows has read all. */
  end(): void {
    for (const bytes of this.#unfinished.values()) if (bytes.length > 0) this.#add(bytes);
    this.#unfinished.clear();
    this.#over = true;
    this.#wake();
  }

  /** Reads the log; where it is followed, until the run is over or the signal aborts. */
  read(options: LogOptions, signal: AbortSignal): ReadableStream<Uint8Array> {
    const { follow, tailLines = Infinity, limitBytes = Infinity } = options;
    const end = this.#end;
    const first = Math.max(this.#gone, end - tailLines);
    const cursor = { next: first, end: follow ? Infinity : end, left: limitBytes };
    const cancelled = new AbortController();
    const stop = AbortSignal.any([signal, cancelled.signal]);
    return new ReadableStream({
      pull: async (controller) => {
        const bytes = await this.#next(cursor, options, stop);
        if (bytes) controller.enqueue(bytes);
        else controller.close();
      },
      cancel: () => cancelled.abort(),
    }, { highWaterMark: 0 });
  }

  /** The place after the newest line. */
  get #end(): number {
    return this.#gone + this.#lines.length;
  }

  /** What comes next, once there is something; `undefined` where nothing more will come. */
  async #next(cursor: Cursor, options: LogOptions, stop: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      if (stop.aborted || cursor.left <= 0) return undefined;
      const bytes = this.#take(cursor, options);
      if (bytes.length > 0) return bytes;
      if (!options.follow || this.#over) return undefined;
      await this.#change(stop);
    }
  }

  /** Some lines from the cursor on, as they are shown. */
  #take(cursor: Cursor, { since = -Infinity, timestamps }: LogOptions): Uint8Array {
    const parts: Uint8Array[] = [];
    let size = 0;
    const end = Math.min(cursor.end, this.#end);
    let next = Math.max(cursor.next, this.#gone);
    for (; next < end && size < chunk; next++) {
      const { at, bytes } = this.#lines[next - this.#gone]!;
      if (at < since) continue;
      if (timestamps) parts.push(encoder.encode(`${nanoTime(at)} `));
      parts.push(bytes);
      size += bytes.length;
    }
    cursor.next = next;
    const shown = joined(parts).subarray(0, cursor.left);
    cursor.left -= shown.length;
    return shown;
  }

  #add(bytes: Uint8Array): void {
    this.#lines.push({ at: this.#now(), bytes: bytes.slice() });
    this.#size += bytes.length + overhead;
    if (this.#size <= most) return;
    // Some more than must go at once, so that not every line moves all others.
    let dropped = 0;
    while (this.#size > most * 7 / 8) this.#size -= this.#lines[dropped++]!.bytes.length + overhead;
    this.#lines.splice(0, dropped);
    this.#gone += dropped;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Where a reader is. */
interface Cursor {
  next: number;
  /** Nothing from there on. */
  readonly end: number;
  /** Bytes that it may still be given. */
  left: number;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** RFC 3339 with nanoseconds, as the kubelet shows times of lines. */
function nanoTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000000Z");
}
