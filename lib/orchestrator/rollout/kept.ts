/**
 * What the repository must keep for a namespace: what pods have, or may be asked to have.
 *
 * @module
 */
import type { KeptVersions } from "../../contract/data_catalogue.ts";
import type { DataVersion } from "../../contract/data_version.ts";
import { liveOf, type RolloutModel } from "./model.ts";
import type { RolloutState, SourceState } from "./state.ts";

/**
 * Most versions of a source, and of all sources of a namespace, that are kept only because pods have them, those of
 * most pods first: what a pod says it has is its own word, and may not fill the ConfigMap.
 */
const mostInPlace = 20;
const mostOfAll = 100;

/** By source, each version once: what the state names, and what else is in place. */
export function keptOf(state: RolloutState, model: Pick<RolloutModel, "pods">): KeptVersions {
  const live = inPlace(model);
  const most = Math.min(mostInPlace, Math.max(1, Math.floor(mostOfAll / state.sources.size)));
  return new Map([...state.sources].map(([source, one]) => {
    const versions = new Map<string, DataVersion>();
    for (const version of [...named(one), ...mostFrequent(live.get(source) ?? [], most)]) {
      if (!versions.has(version.digest)) versions.set(version.digest, plain(version));
    }
    return [source, [...versions.values()]];
  }));
}

function named({ knownGood, previous, candidate, waiting, pin }: SourceState): DataVersion[] {
  return [knownGood, previous, candidate?.version, waiting, pin?.version].filter((one) => one !== undefined);
}

function inPlace({ pods }: Pick<RolloutModel, "pods">): Map<string, DataVersion[]> {
  const live = new Map<string, DataVersion[]>();
  for (const { deployments, statuses } of pods) {
    for (const { name, source } of deployments) {
      const version = liveOf(statuses.get(name));
      if (!version) continue;
      const versions = live.get(source);
      if (versions) versions.push(version);
      else live.set(source, [version]);
    }
  }
  return live;
}

/** In an order that does not change with every pod's: what is written is to change only with what it means. */
function mostFrequent(versions: readonly DataVersion[], most: number): DataVersion[] {
  const groups = [...Map.groupBy(versions, ({ digest }) => digest).values()];
  return groups.sort((a, b) => b.length - a.length)
    .slice(0, most)
    .map(([first]) => first!)
    .sort((a, b) => a.time - b.time || (a.digest < b.digest ? -1 : 1));
}

/** A version without what its status says besides. */
function plain({ path, hash, time, digest, version }: DataVersion): DataVersion {
  return { path, hash, time, digest, version };
}
