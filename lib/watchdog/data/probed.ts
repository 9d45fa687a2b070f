/**
 * Whether a pod was probed since it applied a version: only then does its health say anything about it.
 *
 * @module
 */
import type { ProbeSpec } from "../../contract/probe.ts";

/** Counts, for one version on one pod, the probes that began after it was seen to be applied. */
export class ProbesSince {
  readonly #seenAt: number;
  readonly #counts = new Map<string, number>();

  /** @param seenAt monotonic milliseconds */
  constructor(seenAt: number) {
    this.#seenAt = seenAt;
  }

  /** Counts a probe that is over, unless it began before. */
  count(watchdog: string, began: number): void {
    if (began < this.#seenAt) return;
    this.#counts.set(watchdog, (this.#counts.get(watchdog) ?? 0) + 1);
  }

  /** Whether every evicting watchdog was probed as often as it takes to tell that it fails. */
  suffice(probes: readonly ProbeSpec[]): boolean {
    return probes.every((probe) =>
      "problem" in probe || probe.options.action !== "evict" ||
      (this.#counts.get(probe.name) ?? 0) >= probe.options.failures
    );
  }
}
