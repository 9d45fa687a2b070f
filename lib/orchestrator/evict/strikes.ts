/**
 * Strikes: in how many scans in a row a pod has failed. They go by uid, so a successor begins with none.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";
import type { Instant } from "../../contract/time.ts";

/** One pod's strikes. */
export interface Strike {
  readonly scans: number;
  /** When the first of these scans was. */
  readonly since: Instant;
}

/** What one scan saw of a pod. `unknown` is where nobody could tell: its strikes stay as they are. */
export type Seen = "failing" | "clear" | "unknown";

/** The strikes of all pods. */
export class Strikes {
  #strikes = new Map<PodUid, Strike>();

  /** The strikes of the pod with this uid. */
  of(uid: PodUid): Strike | undefined {
    return this.#strikes.get(uid);
  }

  /**
   * Counts one scan. A pod that is not among the seen is gone, and its strikes with it.
   *
   * @param seen what was seen of each pod, and the time before which its strikes do not count
   */
  count(seen: Iterable<readonly [uid: PodUid, seen: Seen, from?: Instant]>, now: Instant): void {
    const next = new Map<PodUid, Strike>();
    for (const [uid, what, from = -Infinity] of seen) {
      const before = this.#strikes.get(uid);
      const held = before && before.since >= from ? before : undefined;
      if (what === "failing") next.set(uid, { scans: (held?.scans ?? 0) + 1, since: held?.since ?? now });
      else if (what === "unknown" && held) next.set(uid, held);
    }
    this.#strikes = next;
  }
}
