/**
 * Which versions may not be deleted: what the state ConfigMaps of all watched namespaces list.
 *
 * @module
 */
import type { ConfigMap, CoreV1NamespacedApi } from "../../../k8s/core_v1.ts";
import { keptField, parseKept } from "../../contract/data_catalogue.ts";
import type { DataVersion } from "../../contract/data_version.ts";
import { key } from "../../contract/keys.ts";

/** Asks what is kept. Where that is not known, nothing may be deleted. */
export interface KeptReader {
  /**
   * Versions by source.
   *
   * @throws Error that says in words why it is not known
   */
  read(signal: AbortSignal): Promise<ReadonlyMap<string, readonly DataVersion[]>>;
}

/** ConfigMaps of a page of the list. */
const page = 100;

/**
 * Reads the state ConfigMaps in AutoCrane's namespace.
 *
 * @param core the API of that namespace
 */
export function keptIn(core: Pick<CoreV1NamespacedApi, "getConfigMapList">): KeptReader {
  return {
    async read(signal) {
      const kept = new Map<string, DataVersion[]>();
      let from: string | undefined;
      do {
        const list = await core.getConfigMapList({
          labelSelector: key.dataState,
          limit: page,
          continue: from,
          signal,
        });
        for (const map of list.items) take(map, kept);
        from = list.metadata?.continue || undefined;
      } while (from !== undefined);
      return kept;
    },
  };
}

function take(map: ConfigMap, kept: Map<string, DataVersion[]>): void {
  const text = map.data?.[keptField];
  const one = text === undefined ? undefined : parseKept(text);
  if (!one) throw new Error(`the ConfigMap "${map.metadata?.name}" has no readable field "${keptField}"`);
  for (const [source, versions] of one) kept.set(source, [...kept.get(source) ?? [], ...versions]);
}
