/**
 * Telling the API what has become of a pod.
 *
 * @module
 */
import type { CoreV1Api, Pod, PodStatus } from "../../../k8s/core_v1.ts";
import { isStatus } from "../../kube/errors.ts";
import { Backoff } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { statusPatch } from "./pod_status.ts";

/** What a writer is made of. */
export interface StatusWriterOptions {
  readonly core: CoreV1Api;
  /** The pod's newest version. */
  readonly pod: () => Pod;
  /** Told when there is no such pod any more. */
  readonly gone: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
}

/** Writes the newest status of one pod, one write at a time, and none where nothing has changed. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #backoff = new Backoff({ initial: 200, max: 10_000 });
  #wanted: PodStatus | undefined;
  #told: PodStatus | undefined;
  #work: Promise<void> | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Has this status written, unless a newer one is wanted before it could be. */
  want(status: PodStatus): void {
    this.#wanted = status;
    if (!this.#isTold) this.#work ??= this.#write().finally(() => this.#work = undefined);
  }

  /** Resolves when what was wanted is written, or need not be any more. */
  async settled(): Promise<void> {
    await this.#work;
  }

  get #isTold(): boolean {
    return JSON.stringify(this.#wanted) === JSON.stringify(this.#told);
  }

  async #write(): Promise<void> {
    const { signal, clock, log, gone, pod } = this.#options;
    while (!this.#isTold && !signal.aborted) {
      try {
        await this.#patch(this.#wanted!);
        this.#backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        // Of a conflict, where another pod has the name, whoever follows the pods hears as well.
        if (isStatus(error, 404)) return gone();
        log.warn("cannot write a pod's status", { pod: pod().metadata?.name, error: messageOf(error) });
        await sleep(clock, this.#backoff.next(), signal);
      }
    }
  }

  async #patch(status: PodStatus): Promise<void> {
    const { core, pod, signal } = this.#options;
    const { metadata, status: held } = pod();
    const { name, namespace, uid } = metadata!;
    const before = this.#told?.conditions ?? held?.conditions ?? [];
    await core.namespace(namespace!).patchPodStatus(
      name!,
      { type: "strategic", body: { metadata: { uid }, status: statusPatch(status, before) } },
      { signal },
    );
    this.#told = status;
  }
}
