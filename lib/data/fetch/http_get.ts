/**
 * One GET at a registry: redirects, statuses, and words that give no secret away.
 *
 * @module
 */
import { cleanText } from "../../contract/text.ts";
import { messageOf } from "../../runtime/failure.ts";
import { FetchFailure } from "./blob_source.ts";

/** A GET that may be repeated. */
export interface Question {
  readonly url: string;
  readonly accept: string;
  /** The value of `range`; without it all is asked for. */
  readonly range?: string;
  /** The value of `authorization`: it goes to the first URL's origin only. */
  readonly authorization?: string;
}

/** A failure that may be gone when the same is asked again. */
export class Passing extends FetchFailure {}

/** Most redirects that are followed for one question. */
const maxRedirects = 5;

/**
 * Asks, and follows redirects by hand: what is meant for one origin is not told to another.
 *
 * @returns the answer, 200 or 206, with its body still to be read
 * @throws FetchFailure for every other answer
 */
export async function get(question: Question, signal: AbortSignal): Promise<Response> {
  const first = new URL(question.url);
  let url = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await ask(url, first, question, signal);
    if (answer.status === 200 || answer.status === 206) return answer;
    await answer.body?.cancel();
    if (![301, 302, 303, 307, 308].includes(answer.status)) throw refusal(url, answer.status);
    url = redirected(url, answer.headers.get("location"));
  }
  throw new FetchFailure("repository", `${shownUrl(first)} redirects more than ${maxRedirects} times.`);
}

async function ask(url: URL, first: URL, question: Question, signal: AbortSignal): Promise<Response> {
  const { accept, range, authorization } = question;
  // Ranges count the bytes as they are stored: a body that is compressed on its way has others.
  const headers = new Headers({ accept, "accept-encoding": "identity" });
  if (range !== undefined) headers.set("range", range);
  if (authorization !== undefined && url.origin === first.origin) headers.set("authorization", authorization);
  try {
    return await fetch(url, { headers, redirect: "manual", signal });
  } catch (error) {
    throw unanswered(url, error, signal);
  }
}

/** A question, or the reading of its answer, that broke off. An abort stays what it is. */
export function unanswered(url: URL, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  // The error itself is not kept as a cause: it may tell a redirect's URL, and with it a signature.
  const detail = error instanceof Error && error.cause !== undefined
    ? messageOf(error.cause)
    : messageOf(error);
  const words = cleanText(detail.replace(/\bhttps?:\/\/[^\s)"]+/g, "the URL"), 200);
  return new Passing("network", `Cannot read ${shownUrl(url)}: ${words}`);
}

function redirected(from: URL, location: string | null): URL {
  const to = location === null ? null : URL.parse(location, from.href);
  const allowed = from.protocol === "https:" ? ["https:"] : ["https:", "http:"];
  if (to && allowed.includes(to.protocol)) return to;
  throw new FetchFailure("repository", `${shownUrl(from)} redirects to where we do not follow.`);
}

function refusal(url: URL, status: number): FetchFailure {
  const words = `${shownUrl(url)} answered ${status}`;
  if (status === 404) {
    return new FetchFailure("repository", `${words}: it does not have this (any more, or yet).`);
  }
  if (status === 401 || status === 403) {
    return new FetchFailure("repository", `${words}: it does not let us read.`);
  }
  if (status === 416) {
    return new FetchFailure("repository", `${words}: the blob is shorter than its manifest says.`);
  }
  const passing = status === 408 || status === 429 || status >= 500;
  return new (passing ? Passing : FetchFailure)("repository", `${words}.`);
}

/** A URL as people may see it: without what could be a secret. */
export function shownUrl({ origin, pathname }: URL): string {
  return cleanText(origin + pathname, 300);
}
