/**
 * A version's bytes from an OCI registry, ours or any other
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md).
 *
 * @module
 */
import { Backoff, type Random } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { type BlobSource, FetchFailure } from "./blob_source.ts";
import { Patience, progressBytes, readBody } from "./body.ts";
import { type Collected, CollectedManifest, CollectedPart } from "./collected.ts";
import { get, Passing, type Question, shownUrl, unanswered } from "./http_get.ts";

/** Which repository of which registry. */
export interface RegistryOptions {
  /** Without a slash at its end. */
  readonly url: string;
  /** The repository's name there: for ours, the source's. */
  readonly repository: string;
  /** The value of `authorization`, where the registry wants one. */
  readonly authorization?: string;
  readonly clock: Clock;
  readonly random?: Random;
}

/** Attempts in a row that bring nothing before a question is given up. */
const maxAttempts = 5;

const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** Reads from a registry. Connections that are cut go on where they were; what is not an answer is asked again. */
export function registrySource(
  { url, repository, authorization, clock, random }: RegistryOptions,
): BlobSource {
  const base = `${url}/v2/${repository}`;
  const parts = { clock, random };
  return {
    async manifest(digest, signal) {
      const question = { url: `${base}/manifests/${digest}`, accept: manifestType, authorization };
      return await download(question, new CollectedManifest(), parts, signal);
    },
    async read(digest, range, signal) {
      const question = { url: `${base}/blobs/${digest}`, accept: "application/octet-stream", authorization };
      return await download(question, new CollectedPart(range), parts, signal);
    },
  };
}

type Parts = Pick<RegistryOptions, "clock" | "random">;

async function download(
  question: Question,
  got: Collected,
  { clock, random }: Parts,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const backoff = new Backoff({ initial: 100, max: 5000, random });
  for (let attempt = 1;;) {
    const before = got.size;
    try {
      await once(question, got, clock, signal);
      return got.bytes();
    } catch (error) {
      signal.throwIfAborted();
      if (got.size - before >= progressBytes) {
        attempt = 1;
        backoff.reset();
      } else attempt++;
      if (!(error instanceof Passing) || attempt > maxAttempts) throw error;
    }
    await sleep(clock, backoff.next(), signal);
    signal.throwIfAborted();
  }
}

async function once(question: Question, got: Collected, clock: Clock, signal: AbortSignal): Promise<void> {
  const url = new URL(question.url);
  using patience = new Patience(clock, signal);
  try {
    const answer = await get({ ...question, range: got.range() }, patience.signal);
    const take = await takerOf(answer, got, shownUrl(url));
    await readBody(answer, patience, take);
  } catch (error) {
    if (patience.over && !signal.aborted) {
      throw new Passing("network", `Cannot read ${shownUrl(url)}: ${patience.over.message}`);
    }
    throw error instanceof FetchFailure ? error : unanswered(url, error, signal);
  }
  if (!got.full) throw new Passing("network", `Cannot read ${shownUrl(url)}: the answer ended too early.`);
}

/** An answer that is refused is told so: else its connection would be held until its body is forgotten. */
async function takerOf(
  answer: Response,
  got: Collected,
  name: string,
): Promise<ReturnType<Collected["taker"]>> {
  try {
    return got.taker(answer, name);
  } catch (error) {
    await answer.body?.cancel();
    throw error;
  }
}
