/**
 * The pods that `getwatchdog` is asked about: how they are read and followed, and what it means where none has a
 * status.
 *
 * @module
 */
import { CoreV1Api, type CoreV1NamespacedApi, type Pod } from "../../k8s/core_v1.ts";
import type { KubeClient } from "../../k8s/client.ts";
import { isStatus } from "../kube/errors.ts";
import type { ListPage, Source } from "../kube/reflector.ts";
import { type Reading, readingsOf } from "./report.ts";

/** Which pods are meant. */
export interface Which {
  readonly namespace: string;
  /** All pods where there is none. */
  readonly pod: string | undefined;
  /** Only pods with these labels, as in kubectl. */
  readonly selector: string | undefined;
}

/** Objects a page of a list: it bounds how much of an answer is in memory at once. */
const pageSize = 100;

/** Reads the pods that are meant, until the signal ends it. */
export class AskedPods {
  readonly #core: CoreV1Api;
  readonly #pods: CoreV1NamespacedApi;
  readonly #which: Which;
  readonly #signal: AbortSignal;

  constructor(client: KubeClient, which: Which, signal: AbortSignal) {
    this.#core = new CoreV1Api(client);
    this.#pods = this.#core.namespace(which.namespace);
    this.#which = which;
    this.#signal = signal;
  }

  /** The calls that follow them. */
  get source(): Source<Pod> {
    const { pod, selector } = this.#which;
    const only = {
      labelSelector: selector,
      ...(pod !== undefined && { fieldSelector: `metadata.name=${pod}` }),
    };
    return {
      list: (page) => this.#pods.getPodList({ ...page, ...only }),
      watch: (from) => this.#pods.watchPodList({ ...from, ...only }),
    };
  }

  /**
   * Their watchdogs.
   *
   * @throws KubeError where they may not be read, or the one that is meant does not exist
   */
  async readings(): Promise<Reading[]> {
    const { pod } = this.#which;
    if (pod !== undefined) return readingsOf(await this.#pods.getPod(pod, { signal: this.#signal }));
    try {
      return await this.#listed({ limit: pageSize });
    } catch (error) {
      // The server has forgotten where it was between two pages.
      if (!isStatus(error, 410)) throw error;
      return await this.#listed({});
    }
  }

  async #listed(first: ListPage): Promise<Reading[]> {
    const readings: Reading[] = [];
    let page = first;
    for (;;) {
      const { metadata, items } = await this.source.list({ ...page, signal: this.#signal });
      for (const pod of items) readings.push(...readingsOf(pod));
      if (!metadata?.continue) return readings;
      page = { ...first, continue: metadata.continue };
    }
  }

  /**
   * Says to people that no status is there.
   *
   * @throws KubeError where that is so because the pod, or the namespace, does not exist
   */
  async nothing(): Promise<string> {
    const { namespace, pod } = this.#which;
    const signal = this.#signal;
    try {
      await (pod === undefined
        ? this.#core.getNamespace(namespace, { signal })
        : this.#pods.getPod(pod, { signal }));
    } catch (error) {
      // Few may look at namespaces: to them a missing one is as an empty one.
      if (!isStatus(error, 403)) throw error;
    }
    const where = pod === undefined ? `in the namespace ${namespace}` : `on the pod ${namespace}/${pod}`;
    return `No watchdog has reported ${where}.\n`;
  }
}
