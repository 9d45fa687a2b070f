/**
 * Pushes: `POST /hooks/SOURCE` has a source looked at at once. Nothing of what is sent is used.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { cleanText } from "../../contract/text.ts";
import type { Clock } from "../../runtime/clock.ts";
import { within } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { Poked } from "./crawler.ts";
import { Proof, proofs } from "./hook_secret.ts";
import type { RepositoryMetrics } from "./metrics.ts";
import { RateLimits } from "./rate_limits.ts";

/** What hooks need. */
export interface HooksOptions {
  /** The file of the secret, read at each call; empty where there are no hooks. */
  readonly secretFile: string;
  /** Has a source looked at; `undefined` where it is not followed. */
  readonly poke: (source: string) => Poked | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RepositoryMetrics;
}

/** Most bytes of a body. */
const maxBody = 2 ** 20;

/** Longest that a body may take, milliseconds. */
const bodyLimit = 10_000;

/** Most bodies that are read at once: before its end nobody has proved who he is. */
const mostBodies = 16;

/** Calls of a source at once, and then a second. */
const rate = { burst: 10, perSecond: 1 };

const words: Readonly<Record<Poked, string>> = {
  now: "is looked at now",
  after: "is being looked at, and is looked at once more after that",
  already: "is about to be looked at already",
};

/** An answer in words. */
type Answer = readonly [status: 202 | 401 | 404 | 408 | 413 | 429 | 503, words: string];

/** The route. */
export function hooksApp(options: HooksOptions): Hono {
  const hooks = new Hooks(options);
  return new Hono()
    .post("/hooks/:source", async (c) => {
      const [status, words] = await hooks.answer(c);
      options.metrics.hooks.inc({ status: String(status) });
      if (status === 429) c.header("retry-after", "1");
      return c.text(`${words}\n`, status);
    })
    .all("/hooks/*", (c) => {
      c.header("allow", "POST");
      return c.text("A hook is called by POST.\n", 405);
    });
}

class Hooks {
  readonly #options: HooksOptions;
  readonly #limits: RateLimits;
  #bodies = 0;

  constructor(options: HooksOptions) {
    this.#options = options;
    this.#limits = new RateLimits(rate, options.clock);
  }

  async answer(c: Context): Promise<Answer> {
    const secret = await this.#secret();
    if (typeof secret !== "string") return secret;
    const proof = new Proof(secret, c.req.raw.headers);
    if (!proof.claimed) return [401, `There is no proof: send one of ${Object.values(proofs).join(", ")}.`];
    if (Number(c.req.header("content-length") ?? 0) > maxBody) return tooLarge;
    if (this.#bodies >= mostBodies) return [429, "Too many calls at once: try again in a second."];
    const problem = await this.#readBody(c.req.raw, proof);
    if (problem) return problem;
    if (!proof.holds()) {
      return [401, "The signature or token is wrong: is it made with the secret of this repository?"];
    }
    return this.#poke(c.req.param("source")!);
  }

  #poke(source: string): Answer {
    const name = cleanText(source, 100);
    if (!this.#limits.take(source)) return [429, `${name} is called too often: try again in a second.`];
    const poked = this.#options.poke(source);
    if (poked === undefined) return [404, `There is no source ${name}, or it cannot be followed.`];
    this.#options.log.info("a push asks to look at a source", { source: name, poked });
    return [202, `${name} ${words[poked]}.`];
  }

  /** The secret without white space around it: files end in a line's end. An empty one is none. */
  async #secret(): Promise<string | Answer> {
    const { secretFile, log } = this.#options;
    if (!secretFile) return noHooks;
    try {
      const secret = (await Deno.readTextFile(secretFile)).trim();
      if (secret !== "") return secret;
      log.error("the secret of hooks is empty", { path: secretFile });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return noHooks;
      log.error("cannot read the secret of hooks", { path: secretFile, error: messageOf(error) });
    }
    return [503, "The secret of hooks cannot be read; the log says why."];
  }

  async #readBody(request: Request, proof: Proof): Promise<Answer | undefined> {
    this.#bodies++;
    try {
      return await within(
        this.#options.clock,
        bodyLimit,
        request.signal,
        (signal) => take(request, proof, signal),
      );
    } catch {
      return [408, `The body did not come within ${bodyLimit / 1000} s.`];
    } finally {
      this.#bodies--;
    }
  }
}

const noHooks: Answer = [
  404,
  "There are no hooks here: DataRepo__HookSecretFile names no file that is there.",
];

const tooLarge: Answer = [413, `The body is larger than ${maxBody} bytes.`];

/** Takes the body piece by piece: it is never kept. */
async function take(request: Request, proof: Proof, signal: AbortSignal): Promise<Answer | undefined> {
  const reader = request.body?.getReader();
  if (!reader) return undefined;
  const leave = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", leave);
  try {
    let size = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > maxBody) {
        leave();
        return tooLarge;
      }
      proof.take(next.value);
    }
    signal.throwIfAborted();
    return undefined;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
