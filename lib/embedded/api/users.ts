/**
 * Who calls: bearer tokens and the users that they stand for.
 *
 * @module
 */

/** Gives tokens out and knows them again. */
export class Users {
  readonly #names = new Map<string, string>();
  readonly #tokens = new Map<string, string>();

  /** The token of a user, always the same one. */
  tokenOf(user: string): string {
    const held = this.#tokens.get(user);
    if (held) return held;
    const token = randomToken();
    this.#tokens.set(user, token);
    this.#names.set(token, user);
    return token;
  }

  /** Whose token an `authorization` header carries; `undefined` for none that was given out. */
  userOf(authorization: string | null): string | undefined {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    return token === undefined ? undefined : this.#names.get(token);
  }
}

function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
