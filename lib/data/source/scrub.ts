/**
 * Keeping secrets out of words that are shown: what git says may repeat what it was given.
 *
 * @module
 */

/** Shorter ones would cut harmless words to pieces. */
const shortestSecret = 4;

/**
 * Cuts passwords in URLs, URLs' queries and the given words out of a text.
 *
 * @param secrets words that must not be shown
 *
 * @example
 * ```ts
 * import { withoutSecrets } from "./scrub.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(withoutSecrets("fatal: https://me:pw@host/x?token=1 failed", []), "fatal: https://host/x failed");
 * ```
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const words = secrets.filter((secret) => secret.length >= shortestSecret).sort((a, b) =>
    b.length - a.length
  );
  const clean = words.reduce((text, secret) => text.replaceAll(secret, "***"), text);
  return clean.replace(/(\w:\/\/)[^\s/@]*@/g, "$1").replace(/(\w:\/\/[^\s?#'"]*)\?[^\s#'"]*/g, "$1");
}

/** The passwords in a file of git's credential store, as written and as meant; none where it cannot be read. */
export async function secretsIn(credentialsFile: string): Promise<string[]> {
  if (!credentialsFile) return [];
  const text = await Deno.readTextFile(credentialsFile).catch(() => "");
  return text.split("\n").flatMap((line) => {
    const password = /^\s*\w+:\/\/[^:/]*:([^@]*)@/.exec(line)?.[1];
    return password ? [password, decoded(password)] : [];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
