/**
 * An open watch, whose events are kept as they come.
 *
 * @module
 */
import type { ObjectMeta } from "../../k8s/meta_v1.ts";
import { jsonLines } from "../../lib/kube/json_lines.ts";

/** Longest that an event is waited for, milliseconds. */
const patience = 20_000;

/** What any object says of itself. */
interface Told {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** An event as it was sent. */
export interface Seen<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  /** For a BOOKMARK, only the metadata is filled in; for an ERROR, it is a Status. */
  readonly object: T & Told;
}

/** A watch. Disposing of it closes the connection. */
export class Watching<T> {
  /** What came so far. */
  readonly events: Seen<T>[] = [];
  /** The answer's headers. */
  readonly headers: Headers;
  readonly #body: ReadableStreamDefaultReader<Uint8Array>;
  readonly #read: Promise<void>;
  #news = Promise.withResolvers<void>();
  #failure: unknown;
  #ended = false;

  constructor({ headers, body }: Response) {
    this.headers = headers;
    this.#body = body!.getReader();
    this.#read = this.#follow();
  }

  /** `ADDED one`: type and name of what came so far. */
  get seen(): string[] {
    return this.events.map(say);
  }

  /**
   * Waits for an event.
   *
   * @param wanted its type and name, as `MODIFIED one`, or what tells it
   * @param within milliseconds
   */
  async until(wanted: string | ((event: Seen<T>) => boolean), within: number = patience): Promise<Seen<T>> {
    const fits = typeof wanted === "string" ? (event: Seen<T>) => say(event) === wanted : wanted;
    const deadline = AbortSignal.timeout(within);
    for (let at = 0;; at++) {
      while (at >= this.events.length && !this.#ended && !deadline.aborted) await this.#next(deadline);
      const event = this.events[at];
      if (event === undefined) throw this.#missed(String(wanted), deadline.aborted);
      if (fits(event)) return event;
    }
  }

  /** Waits until the server has ended the watch, without an error. */
  async end(within: number = patience): Promise<void> {
    const deadline = AbortSignal.timeout(within);
    while (!this.#ended && !deadline.aborted) await this.#next(deadline);
    if (!this.#ended || this.#failure !== undefined) throw this.#missed("the end", deadline.aborted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#body.cancel();
    await this.#read;
  }

  async #follow(): Promise<void> {
    // Whatever becomes of the answer's own signal, cancelling the reader ends this.
    const pull = async (stream: ReadableStreamDefaultController<Uint8Array>) => {
      const { done, value } = await this.#body.read();
      if (done) stream.close();
      else stream.enqueue(value);
    };
    try {
      for await (const event of jsonLines<Seen<T>>(new ReadableStream({ pull }))) {
        this.events.push(event);
        this.#tell();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#ended = true;
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #next(deadline: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    const stop = () => over.resolve();
    deadline.addEventListener("abort", stop, { once: true });
    await Promise.race([this.#news.promise, over.promise]);
    deadline.removeEventListener("abort", stop);
  }

  #missed(what: string, late: boolean): Error {
    const why = late ? "not in time" : "the watch had ended";
    const cause = this.#failure;
    return new Error(`Waited for ${what}: ${why}. Seen: ${JSON.stringify(this.seen)}`, { cause });
  }
}

function say({ type, object }: Pick<Seen<unknown>, "type"> & { readonly object: Told }): string {
  return `${type} ${object.metadata?.name ?? ""}`.trimEnd();
}
