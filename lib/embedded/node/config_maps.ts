/**
 * The ConfigMaps that pods take values and files from.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { type ConfigMap, CoreV1Api } from "../../../k8s/core_v1.ts";
import { follow, type Followed } from "../../kube/follow.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { ConfigMapLookup } from "./config_map_ref.ts";

/** Follows the ConfigMaps of all namespaces. */
export class ConfigMaps {
  readonly #followed: Followed<ConfigMap, ConfigMap>;

  constructor({ client, clock, log }: { client: KubeClient; clock: Clock; log: Log }) {
    const core = new CoreV1Api(client);
    this.#followed = follow({
      what: "configmaps",
      namespaces: ["*"],
      source: () => ({
        list: (page) => core.getConfigMapListForAllNamespaces(page),
        watch: (from) => core.watchConfigMapListForAllNamespaces(from),
      }),
      trim: (configMap: ConfigMap) => configMap,
      clock,
      log,
    });
  }

  /** Resolves when all are known. */
  get synced(): Promise<void> {
    return this.#followed.synced;
  }

  /** What is known of one namespace's ConfigMaps now. */
  in(namespace: string): ConfigMapLookup {
    return (name) => this.#followed.store.get(`${namespace}/${name}`);
  }

  /** Calls `listener` with the namespace in which a ConfigMap appeared, changed or went. */
  onChange(listener: (namespace: string) => void): void {
    this.#followed.store.onChange(({ key }) => listener(key.slice(0, key.indexOf("/"))));
  }

  /** Follows until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#followed.run(signal);
  }
}
