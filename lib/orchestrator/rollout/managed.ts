/**
 * Which sources of a namespace are managed, and how much each may remember: all of it together must fit into one
 * ConfigMap, whatever names pods come and go with.
 *
 * @module
 */
import type { Instant } from "../../contract/time.ts";
import {
  maxCanaries,
  maxLate,
  maxReturning,
  maxSources,
  type RolloutState,
  type SourceState,
} from "./state.ts";

/** What becomes of the sources of a namespace. */
export interface Managed {
  /** Those that are decided about, in the order of their names. */
  readonly names: readonly string[];
  /** Those that pods deploy and for which there is no room, in the order of their names. */
  readonly unmanaged: readonly string[];
  /** Those that are forgotten because others need their room. */
  readonly forgotten: readonly string[];
}

/**
 * Chooses the sources that are managed: who is known stays, then those that pods deploy come in the order of their
 * names. Where that is too much, sources without pods go first, the longest unseen before the others; one that holds
 * what a verdict or a person said (a rejection, a pin, a pause) keeps its place.
 *
 * @param deployed the sources that pods deploy, in the order of their names
 */
export function managedSources({ sources }: RolloutState, deployed: readonly string[]): Managed {
  const seen = new Set(deployed);
  const unseen = [...sources].filter(([name]) => !seen.has(name));
  const [holding, others] = [true, false].map((holds) =>
    unseen.filter(([, one]) => isHolding(one) === holds)
  );
  const names = [
    ...deployed.filter((name) => sources.has(name)),
    ...holding!.map(([name]) => name),
    ...deployed.filter((name) => !sources.has(name)),
    ...others!.sort(([, a], [, b]) => lastSeen(b) - lastSeen(a) || 0).map(([name]) => name),
  ];
  const left = names.slice(maxSources);
  return {
    names: names.slice(0, maxSources).sort(),
    unmanaged: left.filter((name) => seen.has(name)).sort(),
    forgotten: left.filter((name) => sources.has(name)).sort(),
  };
}

function isHolding({ pin, pausedAt, rejected }: SourceState): boolean {
  return pin !== undefined || pausedAt !== undefined || rejected.length > 0;
}

function lastSeen({ unseenSince }: SourceState): Instant {
  return unseenSince ?? Number.MAX_SAFE_INTEGER;
}

/** Most that a source may remember of pods. */
export interface Room {
  /** At least one, so that nobody waits for another source's rollout to end. */
  readonly canaries: number;
  readonly returning: number;
  readonly late: number;
}

/**
 * The room of one source: a fair part of the canaries, and what the other sources leave of what all share.
 *
 * @param count how many sources there are
 */
export function roomFor(name: string, sources: RolloutState["sources"], count: number): Room {
  let [canaries, returning, late] = [0, 0, 0];
  for (const [other, source] of sources) {
    if (other === name) continue;
    canaries += source.candidate?.canaries.length ?? 0;
    late += source.candidate?.late.length ?? 0;
    returning += source.returning.filter(({ doneAt }) => doneAt === undefined).length;
  }
  const fair = Math.floor(maxCanaries / Math.max(1, count));
  return {
    canaries: Math.max(1, Math.min(fair, maxCanaries - canaries)),
    returning: Math.max(0, maxReturning - returning),
    late: Math.max(1, maxLate - late),
  };
}
