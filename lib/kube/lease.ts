/**
 * Leases: who leads, and whether whoever should work still does.
 *
 * @module
 */
import type { CoordinationV1NamespacedApi, Lease } from "../../k8s/coordination_v1.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Source } from "./reflector.ts";
import { type Change, compareVersions } from "./store.ts";

/** What a Lease said when it was last looked at. */
export interface LeaseRecord {
  readonly uid: string;
  readonly holder: string;
  readonly durationMs: number;
  readonly resourceVersion: string;
  readonly transitions: number;
}

/** The parts of a Lease that decide. */
export function recordOf(lease: Lease): LeaseRecord {
  return {
    uid: lease.metadata?.uid ?? "",
    holder: lease.spec?.holderIdentity ?? "",
    durationMs: (lease.spec?.leaseDurationSeconds ?? 15) * 1000,
    resourceVersion: lease.metadata?.resourceVersion ?? "",
    transitions: lease.spec?.leaseTransitions ?? 0,
  };
}

/** Lists and watches the one Lease of this name. */
export function leaseSource(leases: CoordinationV1NamespacedApi, name: string): Source<Lease> {
  const fieldSelector = `metadata.name=${name}`;
  return {
    list: (page) => leases.getLeaseList({ ...page, fieldSelector }),
    watch: (from) => leases.watchLeaseList({ ...from, fieldSelector }),
  };
}

/**
 * Watches one Lease by our own clock: it is held as long as it was seen to change within its duration.
 * Nobody else's clock is trusted, so a Lease that was just found counts as held for one duration.
 */
export class LeaseObserver {
  #record: LeaseRecord | undefined;
  /** For how long after the last change the Lease is held. */
  #held = 0;
  #changedAt = -Infinity;
  #changes = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was last seen, if the Lease exists. */
  get record(): LeaseRecord | undefined {
    return this.#record;
  }

  /**
   * Takes what a watch told, unless a call of ours has shown something later: an older version, or the end of a
   * Lease that was made anew since.
   */
  hear({ before, after }: Pick<Change<LeaseRecord>, "before" | "after">): void {
    const held = this.#record;
    const old = held &&
      (after ? compareVersions(after.resourceVersion, held.resourceVersion) < 0 : before?.uid !== held.uid);
    if (!old) this.observe(after);
  }

  /**
   * Takes how the Lease is, as a call of ours or the one source that is listened to showed it; `undefined` where
   * it does not exist. A lower version is taken as well: a server may be restored from a backup.
   */
  observe(record: LeaseRecord | undefined): void {
    if (record?.resourceVersion === this.#record?.resourceVersion) return;
    // Whoever held a Lease that was deleted may work on until it notices.
    this.#held = record ? (record.holder ? record.durationMs : 0) : this.#held;
    this.#record = record;
    this.#changedAt = this.#clock.monotonic();
    this.#changes++;
  }

  /**
   * Milliseconds until the Lease may be taken: 0 where nobody holds it or its holder stopped renewing. One that
   * was deleted while it was held is held for one duration more.
   */
  freeIn(): number {
    return Math.max(0, this.#changedAt + this.#held - this.#clock.monotonic());
  }

  /** Whether a holder was seen to renew within the Lease's duration: finding the Lease once is not enough. */
  get alive(): boolean {
    return this.#changes > 1 && Boolean(this.#record?.holder) && this.freeIn() > 0;
  }
}
