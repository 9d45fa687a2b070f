/**
 * Namespaces that are to be watched and do not exist: most often a name that was mistyped.
 *
 * @module
 */
import type { CoreV1Api } from "../../k8s/core_v1.ts";
import type { Log } from "../runtime/log.ts";
import { isStatus } from "./errors.ts";

/** Says which watched namespaces do not exist, once a change. They are watched all the same. */
export class MissingNamespaces {
  readonly #names: readonly string[];
  readonly #log: Log;
  readonly #missing = new Set<string>();

  /** @param namespaces the namespaces that are watched; `*` is passed over */
  constructor({ namespaces, log }: { readonly namespaces: readonly string[]; readonly log: Log }) {
    this.#names = namespaces.filter((name) => name !== "*");
    this.#log = log;
  }

  /** Says what is news. @param exists whether one does; `undefined` where that is not known */
  report(exists: (name: string) => boolean | undefined): void {
    for (const name of this.#names) {
      const there = exists(name);
      if (there === true && this.#missing.delete(name)) {
        this.#log.info("a watched namespace exists now", { namespaces: name });
      } else if (there === false && !this.#missing.has(name)) {
        this.#missing.add(name);
        this.#log.warn("a watched namespace does not exist", { namespaces: name });
      }
    }
  }

  /**
   * Asks the API server for each, for who does not follow namespaces, and says what is news. Without the right
   * to look nothing is said: those who list pods there learn that it lacks.
   *
   * @throws KubeError where a look fails otherwise; Unreachable where nobody answers
   */
  async ask(core: Pick<CoreV1Api, "getNamespace">, signal: AbortSignal): Promise<void> {
    const answers = new Map<string, boolean | undefined>();
    for (const name of this.#names) {
      try {
        await core.getNamespace(name, { signal });
        answers.set(name, true);
      } catch (error) {
        if (!isStatus(error, 403) && !isStatus(error, 404)) throw error;
        answers.set(name, isStatus(error, 404) ? false : undefined);
      }
    }
    this.report((name) => answers.get(name));
  }
}
