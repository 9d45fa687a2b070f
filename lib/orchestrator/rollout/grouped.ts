/**
 * The pods of a namespace by the sources that they deploy or depend on: gathered once a look, whatever their number.
 *
 * @module
 */
import { type DataPod, isPresent } from "./model.ts";

/** The pods of one source; each list by name. */
export interface SourcePods {
  /** Those that deploy it and count. */
  readonly present: readonly DataPod[];
  /** Those too that deploy it and count no longer. */
  readonly all: readonly DataPod[];
  /** Those that deploy it from another repository: they are told of and never asked for anything. */
  readonly elsewhere: readonly DataPod[];
  /** By node, those that depend on it and fail now. */
  readonly illDependents: ReadonlyMap<string, readonly DataPod[]>;
}

/** The pods by source. */
export type PodGroups = ReadonlyMap<string, SourcePods>;

/** A source that no pod names. */
export const noPods: SourcePods = { present: [], all: [], elsewhere: [], illDependents: new Map() };

interface Growing extends SourcePods {
  readonly present: DataPod[];
  readonly all: DataPod[];
  readonly elsewhere: DataPod[];
  readonly illDependents: Map<string, DataPod[]>;
}

/** Gathers pods by source. */
export function groupedBySource(pods: readonly DataPod[]): PodGroups {
  const groups = new Map<string, Growing>();
  for (const pod of pods.toSorted(byName)) {
    const present = isPresent(pod);
    for (const source of new Set(pod.deployments.map(({ source }) => source))) {
      const group = groupOf(groups, source);
      if (!pod.otherRepository) group.all.push(pod);
      if (present) (pod.otherRepository ? group.elsewhere : group.present).push(pod);
    }
    if (present && pod.node !== "" && (pod.crashing || pod.failing.length > 0)) addIll(groups, pod);
  }
  return groups;
}

/** Every source that a pod deploys, in the order of their names. */
export function deployedSources(groups: PodGroups): string[] {
  return [...groups].filter(([, { present }]) => present.length > 0).map(([name]) => name).sort();
}

function groupOf(groups: Map<string, Growing>, source: string): Growing {
  const known = groups.get(source);
  if (known) return known;
  const group = { present: [], all: [], elsewhere: [], illDependents: new Map() };
  groups.set(source, group);
  return group;
}

function addIll(groups: Map<string, Growing>, pod: DataPod): void {
  for (const source of new Set(pod.deps)) {
    const { illDependents } = groupOf(groups, source);
    const others = illDependents.get(pod.node);
    if (others) others.push(pod);
    else illDependents.set(pod.node, [pod]);
  }
}

function byName(a: DataPod, b: DataPod): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uid < b.uid ? -1 : 1;
}
