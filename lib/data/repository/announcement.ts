/**
 * The body of GET `/.manifest`, its ETag, and those who wait for another one.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Clock, sleep } from "../../runtime/clock.ts";

/** What everybody is told, until it changes. */
export class Announcement {
  #body = "";
  #etag = "";
  readonly #waiting = new Set<() => void>();
  readonly #clock: Clock;
  readonly #ended: AbortSignal;

  /** @param ended aborts when nobody shall wait any more: the program ends */
  constructor(clock: Clock, ended: AbortSignal) {
    this.#clock = clock;
    this.#ended = ended;
    ended.addEventListener("abort", () => this.#release());
  }

  /** What is told. */
  get body(): string {
    return this.#body;
  }

  /** The body's strong ETag, in quotes. */
  get etag(): string {
    return this.#etag;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Tells something; who waits goes on where it is another body than before. */
  tell(body: string): void {
    if (body === this.#body) return;
    this.#body = body;
    this.#etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
    this.#release();
  }

  /** Waits for another body than the present one, for at most `ms` milliseconds, or until `signal` aborts. */
  async another(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#ended.aborted) return;
    const over = new AbortController();
    const go = () => over.abort();
    this.#waiting.add(go);
    await sleep(this.#clock, ms, AbortSignal.any([signal, over.signal]));
    this.#waiting.delete(go);
  }

  #release(): void {
    for (const go of [...this.#waiting]) go();
  }
}
