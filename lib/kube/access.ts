/**
 * What it takes to reach a cluster.
 *
 * @module
 */
import type { Credentials } from "./credentials.ts";

/** How to reach one cluster as one user. */
export interface Access {
  /** The API server's address, without a slash at its end. */
  readonly server: string;
  /** PEM certificates to trust, read anew at each call; `undefined` for the system's own. */
  readonly ca: () => Promise<string | undefined>;
  readonly credentials: Credentials;
  /** The namespace that is meant where none is given. */
  readonly namespace: string;
}
