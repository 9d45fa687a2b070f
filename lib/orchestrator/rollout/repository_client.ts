/**
 * What the data repository has: GET `/.manifest` by long poll, so that a push is known at once.
 *
 * The repository answers when something changed, or 304 when the time is over (RFC 7240, `Prefer: wait`). One
 * that does not know of that answers at once, and is asked every few seconds.
 *
 * @module
 */
import { type Catalogue, parseCatalogue } from "../../contract/data_catalogue.ts";
import { cleanText } from "../../contract/text.ts";
import { Backoff, type Random } from "../../runtime/backoff.ts";
import { type Clock, sleep, within } from "../../runtime/clock.ts";
import { exitCode, Failure, messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { Gauge, type Registry } from "../../runtime/metrics.ts";

/** What a repository client is made of. */
export interface RepositoryOptions {
  /** The repository, without a slash at its end. */
  readonly url: string;
  /** Whether anybody wants to know: else nothing is asked. */
  readonly wanted: () => boolean;
  /** Called when what is known has changed, or is not known any more. */
  readonly changed: () => void;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly fetch?: typeof fetch;
  readonly random?: Random;
}

/** How long the repository may keep us waiting for news, seconds. */
const waitSeconds = 30;

/** How much longer it may take than that, milliseconds. */
const graceMs = 10_000;

/** From one question to the next where the repository does not wait, or nobody wants to know, milliseconds. */
const idleMs = 5_000;
const unwantedMs = 1_000;

/** An answer that comes sooner, milliseconds, did not wait. */
const promptMs = 1_000;

/** Least time from one question to the next, milliseconds: a catalogue that changes all the time is no loop. */
const leastMs = 200;

/** Most bytes of a catalogue. */
const maxBytes = 16 * 1024 * 1024;

/** Follows one repository's catalogue. */
export class RepositoryClient {
  readonly #options: RepositoryOptions;
  readonly #fetch: typeof fetch;
  readonly #backoff: Backoff;
  #read: { readonly catalogue: Catalogue; readonly text: string; readonly etag?: string } | undefined;
  /** Why it cannot be read now. */
  #trouble: string | undefined;

  constructor(options: RepositoryOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? fetch;
    const { random } = options;
    this.#backoff = new Backoff({ initial: 500, max: 30_000, ...(random && { random }) });
    const answers = () => this.#read !== undefined && this.#trouble === undefined;
    new Gauge({
      name: "autocrane_orchestrate_data_repository_up",
      help: "1 while the data repository answers, 0 while it does not or is not asked.",
      registers: [options.registry],
      collect() {
        this.set(answers() ? 1 : 0);
      },
    });
  }

  /** What the repository has; `undefined` where that is not known now. */
  get catalogue(): Catalogue | undefined {
    return this.#trouble === undefined ? this.#read?.catalogue : undefined;
  }

  /** Why that is not known, where the repository was asked. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Asks until the signal aborts. It never rejects: a repository that is away stops nothing else. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, wanted } = this.#options;
    while (!signal.aborted) {
      const began = clock.monotonic();
      const wait = wanted() ? await this.#turn(signal) : this.#forget();
      await sleep(clock, Math.max(wait, leastMs - (clock.monotonic() - began)), signal);
    }
  }

  /**
   * Who is not asked is not known: whoever wants to know again later must not take old news for new.
   *
   * @returns milliseconds to wait before the next look
   */
  #forget(): number {
    this.#read = undefined;
    this.#trouble = undefined;
    this.#backoff.reset();
    return unwantedMs;
  }

  /** One question. @returns milliseconds to wait before the next */
  async #turn(signal: AbortSignal): Promise<number> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    const wasAway = this.#trouble !== undefined;
    try {
      const news = await within(clock, waitSeconds * 1000 + graceMs, signal, (signal) => this.#ask(signal));
      this.#backoff.reset();
      this.#say(undefined);
      if (news) this.#options.changed();
      return news || wasAway || clock.monotonic() - began >= promptMs ? 0 : idleMs;
    } catch (error) {
      if (signal.aborted) return 0;
      this.#say(messageOf(error));
      return this.#backoff.next();
    }
  }

  /** @returns whether the answer was another than the last */
  async #ask(signal: AbortSignal): Promise<boolean> {
    const { url, userAgent } = this.#options;
    const etag = this.#read?.etag;
    // While it is known to be away the first answer is to come at once.
    const patient = etag !== undefined && this.#trouble === undefined;
    const response = await this.#fetch(`${url}/.manifest`, {
      headers: {
        accept: "application/json",
        "user-agent": userAgent,
        ...(etag !== undefined && { "if-none-match": etag }),
        ...(patient && { prefer: `wait=${waitSeconds}` }),
      },
      redirect: "error",
      signal,
    });
    if (response.status === 304 && this.#read) {
      await response.body?.cancel();
      return false;
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw failure(`it answered HTTP ${response.status}`);
    }
    const text = await boundedText(response);
    const catalogue = parseCatalogue(text);
    if ("problem" in catalogue) throw failure(`its answer ${catalogue.problem}`);
    const same = text === this.#read?.text;
    const next = response.headers.get("etag");
    this.#read = { catalogue, text, ...(next !== null && { etag: next }) };
    return !same;
  }

  /** Says once that the repository is away, and once that it is back. */
  #say(trouble: string | undefined): void {
    const before = this.#trouble;
    this.#trouble = trouble === undefined ? undefined : cleanText(trouble, 300);
    if ((before === undefined) === (trouble === undefined)) return;
    const { log, url, changed } = this.#options;
    if (trouble === undefined) log.info("the data repository answers again", { url });
    else {
      log.warn("the data repository cannot be read: no new version is begun", {
        url,
        error: this.#trouble,
      });
    }
    changed();
  }
}

function failure(why: string): Failure {
  return new Failure(`Cannot read the data repository's catalogue: ${why}`, exitCode.couldNot);
}

/** An answer's body, as long as it is not longer than any catalogue. */
async function boundedText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw failure(`its answer is longer than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
