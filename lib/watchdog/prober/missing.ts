/**
 * Namespaces that are to be watched and do not exist: most often a name that was mistyped.
 *
 * @module
 */
import type { CoreV1Api } from "../../../k8s/core_v1.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Log } from "../../runtime/log.ts";

/** What is looked for, and with what. */
export interface MissingNamespacesOptions {
  readonly core: Pick<CoreV1Api, "getNamespace">;
  /** The namespaces that are watched; `*` is passed over. */
  readonly namespaces: readonly string[];
  readonly log: Log;
}

/** Says which watched namespaces do not exist, once a change. They are watched all the same. */
export class MissingNamespaces {
  readonly #options: MissingNamespacesOptions;
  readonly #missing = new Set<string>();

  constructor(options: MissingNamespacesOptions) {
    this.#options = options;
  }

  /** Looks once. Without the right to look nothing is said: those who list pods there learn that it lacks. */
  async look(signal: AbortSignal): Promise<void> {
    const { core, namespaces, log } = this.#options;
    for (const name of namespaces) {
      if (name === "*" || signal.aborted) continue;
      try {
        await core.getNamespace(name, { signal });
        if (this.#missing.delete(name)) log.info("a watched namespace exists now", { namespaces: name });
      } catch (error) {
        if (isStatus(error, 403)) continue;
        if (!isStatus(error, 404)) throw error;
        if (!this.#missing.has(name)) log.warn("a watched namespace does not exist", { namespaces: name });
        this.#missing.add(name);
      }
    }
  }
}
