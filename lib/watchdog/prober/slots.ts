/**
 * Sharing a bounded number of sockets (or writes) so that nobody can take them all.
 *
 * @module
 */

import type { PodUid } from "../../contract/ids.ts";

/** Who asks. */
export interface Tenant {
  readonly namespace: string;
  readonly pod: PodUid;
}

/** Sockets that probes may hold at once, in all and a pod: a pod's hung probes delay only its own. */
export const probeSockets = { total: 4096, perPod: 16 };

/** A request that waits for its turn. */
interface Waiting {
  readonly tenant: Tenant;
  readonly start: () => void;
}

/**
 * Hands out `total` slots. A pod holds at most `perPod`. A namespace gets another slot only while it holds
 * fewer than are free (the dynamic threshold of Choudhury and Hahne for shared buffers): one that would take
 * everything gets half, two get a third each, and there is always room for the next. Among namespaces that
 * wait, the one that holds least goes first, and of equals the one that was served longest ago.
 */
export class FairSlots {
  #free: number;
  readonly #perPod: number;
  readonly #held = new Map<string, number>();
  /** By namespace, then by pod; the namespace, and in it the pod, that was served last stands last. */
  readonly #queues = new Map<string, Map<PodUid, Waiting[]>>();
  #waiting = 0;

  constructor({ total, perPod }: { total: number; perPod: number }) {
    this.#free = total;
    this.#perPod = perPod;
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many slots are free. */
  get free(): number {
    return this.#free;
  }

  /** Runs `work` as soon as its tenant may have a slot; the slot is given back when the work settles. */
  run<T>(tenant: Tenant, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#take(tenant, 1);
        // What throws before its first await gives its slot back as well.
        Promise.try(work).then(resolve, reject).finally(() => {
          this.#take(tenant, -1);
          this.#startNext();
        });
      };
      const allowed = this.#allows(tenant);
      if (allowed && !this.#queues.has(tenant.namespace)) return start();
      this.#enqueue({ tenant, start });
      // Nobody waits who may have a slot, so one more who may not changes nothing.
      if (allowed) this.#startNext();
    });
  }

  #enqueue(request: Waiting): void {
    const { namespace, pod } = request.tenant;
    const pods = this.#queues.get(namespace) ?? new Map<PodUid, Waiting[]>();
    this.#queues.set(namespace, pods);
    const queue = pods.get(pod);
    if (queue) queue.push(request);
    else pods.set(pod, [request]);
    this.#waiting++;
  }

  #take({ namespace, pod }: Tenant, slots: 1 | -1): void {
    this.#free -= slots;
    for (const holder of [namespace, `${namespace}/${pod}`]) {
      const held = (this.#held.get(holder) ?? 0) + slots;
      if (held === 0) this.#held.delete(holder);
      else this.#held.set(holder, held);
    }
  }

  #allows({ namespace, pod }: Tenant): boolean {
    return this.#allowsIn(namespace) && (this.#held.get(`${namespace}/${pod}`) ?? 0) < this.#perPod;
  }

  #allowsIn(namespace: string): boolean {
    return this.#free > 0 && (this.#held.get(namespace) ?? 0) < this.#free;
  }

  #startNext(): void {
    while (this.#free > 0) {
      const next = this.#next();
      if (!next) return;
      this.#waiting--;
      next.start();
    }
  }

  /** The next request that may run, of the waiting namespace that holds least; its pods take turns. */
  #next(): Waiting | undefined {
    const byHeld = [...this.#queues.keys()].sort((a, b) =>
      (this.#held.get(a) ?? 0) - (this.#held.get(b) ?? 0)
    );
    for (const namespace of byHeld) {
      // Those after it hold as much or more.
      if (!this.#allowsIn(namespace)) return undefined;
      const pods = this.#queues.get(namespace)!;
      for (const [pod, queue] of pods) {
        if (!this.#allows({ namespace, pod })) continue;
        const next = queue.shift()!;
        pods.delete(pod);
        if (queue.length > 0) pods.set(pod, queue);
        this.#queues.delete(namespace);
        if (pods.size > 0) this.#queues.set(namespace, pods);
        return next;
      }
    }
    return undefined;
  }
}
