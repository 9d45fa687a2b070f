/**
 * Who we are to an API server, kept fresh: tokens that rotate.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Clock } from "../runtime/clock.ts";
import { exitCode, Failure, messageOf } from "../runtime/failure.ts";

/** A client certificate and its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a request proves itself with. */
export interface Proof {
  /** The value of the `authorization` header. */
  readonly authorization?: string;
  readonly certificate?: ClientCertificate;
}

/** A source of proofs. */
export interface Credentials {
  /** The proof to use now; it may read a file or run a command. */
  proof(): Promise<Proof>;
  /** The server answered 401: what is remembered must not be used again. */
  refused(): void;
}

/** Credentials that never change. */
export function fixedCredentials(proof: Proof): Credentials {
  return { proof: () => Promise.resolve(proof), refused: () => {} };
}

/** Longest that a token read from a file is used before it is read again, milliseconds. */
const tokenAgeMs = 60_000;

/** When a JWT ends, milliseconds since 1970; `undefined` where the token is none. */
export function tokenExpiry(token: string): number | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A token in a file that somebody else renews, as the kubelet does with projected tokens: read again each
 * minute, earlier where it is about to end, and at once after a refusal.
 */
export function tokenFileCredentials(path: string, clock: Clock): Credentials {
  let held: { proof: Proof; readAt: number; ends: number } | undefined;
  return {
    async proof() {
      const now = clock.monotonic();
      // Its age is ours to measure; when it ends is the issuer's word, in wall-clock time.
      if (held && now < held.readAt + tokenAgeMs && clock.now() < held.ends - 10_000) return held.proof;
      const token = (await readText(path, "token", "Is the projected volume mounted?")).trim();
      const ends = tokenExpiry(token) ?? Infinity;
      held = { proof: { authorization: `Bearer ${token}` }, readAt: now, ends };
      return held.proof;
    },
    refused: () => held = undefined,
  };
}

/**
 * Reads a file of a cluster's access.
 *
 * @throws Failure that names what it was for and what to look at
 */
export async function readText(path: string, what: string, hint: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new Failure(`Cannot read ${what} "${path}": ${messageOf(cause)}. ${hint}`, exitCode.noPermission, {
      cause,
    });
  }
}
