/**
 * What is known good of a source of which nothing is remembered: from what its pods have.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { liveOf, namesOf } from "./model.ts";
import { emptySource, type SourceState } from "./state.ts";
import { counted, shown, type SourceView } from "./view.ts";

/**
 * The state of a source that is seen for the first time, or whose state was lost: the content that most pods have is
 * known good, of two the older one (the newer may be a canary's). Where no pod tells what it has, what most pods were
 * asked to have stands for it. What was rejected, pinned, paused and in probation is lost, and that is said.
 */
export function rebuilt(view: SourceView): SourceState {
  const { source, pods, model } = view;
  const have = pods.flatMap((pod) => namesOf(pod, source).map((name) => liveOf(pod.statuses.get(name))));
  const asked = pods.flatMap((pod) => namesOf(pod, source).map((name) => pod.requests.get(name)));
  const found = mostCommon(have) ?? mostCommon(asked.map((one) => one && "problem" in one ? undefined : one));
  if (!found) return emptySource;
  const packed = model.catalogue?.get(source)?.versions.findLast(({ version }) =>
    version === found.version.version
  );
  const knownGood = packed ?? found.version;
  const words =
    `nothing was remembered: ${shown(knownGood)}, which ${counted(found.count, "deployment")} of ` +
    `${have.length} have, counts as known good; what was rejected, pinned or paused before is lost`;
  view.say("rebuilt", words, { version: knownGood });
  return { ...emptySource, knownGood };
}

function mostCommon(
  versions: readonly (DataVersion | undefined)[],
): { readonly version: DataVersion; readonly count: number } | undefined {
  const groups = Map.groupBy(versions.filter((one) => one !== undefined), ({ version }) => version);
  return [...groups.values()].map((group) => {
    const { path, hash, time, digest, version } = group.reduce((a, b) => b.time > a.time ? b : a);
    return { version: { path, hash, time, digest, version }, count: group.length };
  }).sort((a, b) =>
    b.count - a.count || a.version.time - b.version.time || (a.version.version < b.version.version ? -1 : 1)
  )
    .at(0);
}
