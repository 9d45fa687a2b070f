/**
 * What is wrong with pods' annotations about data: each thing once, as all pods of a workload say the same.
 *
 * @module
 */
import type { JudgedPod } from "../pod.ts";
import type { Look } from "./observe.ts";

/** A problem of a pod. */
export interface PodProblem {
  readonly pod: JudgedPod;
  readonly words: string;
}

/** The pods whose specs are no misplaced ones: the repository's own. */
export interface Repository {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Remembers what was told. */
export class Problems {
  /** By namespace. */
  #told = new Map<string, ReadonlySet<string>>();
  readonly #repository: Repository;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * What is wrong now and was not before.
   *
   * @param unmanaged words for a pod whose data is not managed, or not all of it
   */
  news(look: Look, unmanaged: (pod: JudgedPod) => string | undefined): PodProblem[] {
    const { namespace } = look.model;
    const before = this.#told.get(namespace);
    const now = new Map<string, PodProblem>();
    for (const pod of look.pods) {
      if (this.#isRepository(pod)) continue;
      const other = pod.data!.deployments.length > 0 ? unmanaged(pod) : undefined;
      for (const words of [...pod.data!.problems, ...(other === undefined ? [] : [other])]) {
        const key = `${look.workloadOf(pod)?.uid ?? pod.uid} ${words}`;
        if (!now.has(key)) now.set(key, { pod, words });
      }
    }
    if (now.size > 0) this.#told.set(namespace, new Set(now.keys()));
    else this.#told.delete(namespace);
    return [...now].flatMap(([key, problem]) => before?.has(key) ? [] : [problem]);
  }

  /** Forgets what was told: who takes over says it once more. */
  clear(): void {
    this.#told.clear();
  }

  #isRepository({ namespace, serviceAccount }: JudgedPod): boolean {
    return namespace === this.#repository.namespace && serviceAccount === this.#repository.serviceAccount;
  }
}
