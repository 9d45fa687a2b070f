/**
 * What was seen of pods between scans: in which order they came, and which of them were evicted.
 *
 * Evictions are seen at any time, also while what is known of their workloads is not to be relied on. They
 * are kept until they can be judged, or a process that takes over would not know of them.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";
import type { JudgedPod } from "../pod.ts";
import type { NotedEviction, Ticks } from "./pacing.ts";

/** An eviction that was seen. */
export interface SeenEviction extends Omit<NotedEviction, "uid"> {
  /** As it was when its eviction was seen. */
  readonly pod: JudgedPod;
}

/** How many evictions wait to be judged at most; of more the oldest are forgotten. */
const mostWaiting = 1000;

/** The order of pods, and the evictions among them. */
export class Sightings {
  readonly #numbers = new Map<PodUid, number>();
  #last = 0;
  /** By pod; the oldest first. */
  readonly #waiting = new Map<PodUid, SeenEviction>();
  /** Of pods that are still in sight: an eviction is seen by event and by state, and is one. */
  readonly #evictedAt = new Map<PodUid, Ticks>();

  /** The number of the pod that came into sight last. */
  get last(): number {
    return this.#last;
  }

  /** The number of a pod, which is its place in the order in which pods came into sight. */
  numberOf(uid: PodUid): number {
    const held = this.#numbers.get(uid);
    if (held !== undefined) return held;
    this.#numbers.set(uid, ++this.#last);
    return this.#last;
  }

  /** When the eviction of this pod was accepted or judged; minus infinity where none was. */
  evictedAt(uid: PodUid): Ticks {
    return this.#evictedAt.get(uid) ?? -Infinity;
  }

  /**
   * Keeps an eviction that was seen, until it is {@link known}.
   *
   * @param late whether pods that came after it may have been seen before it, as in a list
   */
  evicted(pod: JudgedPod, at: Ticks, late: boolean): void {
    if (this.#evictedAt.has(pod.uid) || this.#waiting.has(pod.uid)) return;
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined && this.#waiting.size >= mostWaiting) this.#waiting.delete(oldest);
    this.#waiting.set(pod.uid, { pod, at, lastSight: this.#last, late });
  }

  /** The evictions that wait to be judged. What is in sight by now may have come before a late one. */
  waiting(): SeenEviction[] {
    return [...this.#waiting.values()].map((one) => one.late ? { ...one, lastSight: this.#last } : one);
  }

  /** Notes that an eviction need not be looked at again: it is ours, or was judged. */
  known(uid: PodUid, at: Ticks): void {
    this.#waiting.delete(uid);
    if (this.#numbers.has(uid)) this.#evictedAt.set(uid, at);
  }

  /** Takes in all pods of this moment: numbers new ones, notes those found evicted, forgets those that are gone. */
  look(pods: readonly JudgedPod[], now: Ticks): void {
    for (const pod of pods) {
      this.numberOf(pod.uid);
      if (pod.evicted && pod.terminating) this.evicted(pod, now, true);
    }
    // Every pod has a number now: as many numbers as pods mean that none is gone.
    if (this.#numbers.size === pods.length) return;
    const present = new Set(pods.map(({ uid }) => uid));
    for (const uid of this.#numbers.keys()) {
      if (present.has(uid)) continue;
      this.#numbers.delete(uid);
      this.#evictedAt.delete(uid);
    }
  }
}
