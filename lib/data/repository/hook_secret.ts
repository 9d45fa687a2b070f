/**
 * Whether a push is who it says it is. Everything is compared in constant time.
 *
 * @module
 */
import { createHash, createHmac, type Hmac, timingSafeEqual } from "node:crypto";

/** The headers that prove that whoever calls knows the secret. Of several a signature counts before a token. */
export const proofs = {
  /** GitHub: HMAC-SHA256 of the body (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries). */
  github: "x-hub-signature-256",
  /** GitLab: the secret itself (https://docs.gitlab.com/user/project/integrations/webhooks). */
  gitlab: "x-gitlab-token",
  /** Anybody: HMAC-SHA256 of the body, as `sha256=<hex>`. */
  plain: "x-autocrane-signature",
} as const;

/** Checks one call as its body comes. */
export class Proof {
  readonly #hmac: Hmac;
  readonly #secret: string;
  readonly #headers: Headers;

  constructor(secret: string, headers: Headers) {
    this.#secret = secret;
    this.#headers = headers;
    this.#hmac = createHmac("sha256", secret);
  }

  /** Whether the call carries any proof at all. */
  get claimed(): boolean {
    return Object.values(proofs).some((header) => this.#headers.has(header));
  }

  /** Takes bytes of the body. */
  take(bytes: Uint8Array): void {
    this.#hmac.update(bytes);
  }

  /** Whether the proof holds; asked once, when the body has ended. */
  holds(): boolean {
    const signature = this.#headers.get(proofs.github) ?? this.#headers.get(proofs.plain);
    const mac = this.#hmac.digest("hex");
    if (signature !== null) return sameText(signature.trim().toLowerCase(), `sha256=${mac}`);
    const token = this.#headers.get(proofs.gitlab);
    return token !== null && sameText(token, this.#secret);
  }
}

/** Digests have one length, so that not even a length is told by the time that it takes. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
