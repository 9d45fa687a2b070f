/**
 * Why a rollout stands where it stands, for `autocrane data status`: the same words that decide.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import type { ContentId } from "../../contract/ids.ts";
import type { Instant } from "../../contract/time.ts";
import { type Standing, standingOf } from "./canary.ts";
import { deployedSources, groupedBySource } from "./grouped.ts";
import { managedSources, roomFor } from "./managed.ts";
import { liveOf, namesOf, type RolloutLimits, type RolloutModel } from "./model.ts";
import { emptySource, maxSources, type RolloutState, type SourceState } from "./state.ts";
import { judge } from "./verdict.ts";
import { counted, listed, shown, type SourceView, viewsOf } from "./view.ts";

/** Why a source is not managed. */
const tooMany =
  `not managed: a namespace has room for ${maxSources} sources of data, and this one came later`;

/** One source explained. */
export interface Explanation {
  readonly source: string;
  readonly state: SourceState;
  /** What its pods have, the version that most have first; pods without one have `version: undefined`. */
  readonly have: readonly { readonly version: DataVersion | undefined; readonly pods: number }[];
  readonly canaries: readonly ({ readonly pod: string } & Standing)[];
  /** In one word what the rollout does now. */
  readonly is:
    | "no-pods"
    | "no-version"
    | "steady"
    | "spreading"
    | "probation"
    | "held"
    | "pinned"
    | "paused"
    | "unmanaged";
  /** Why, for people: one sentence each. */
  readonly why: readonly string[];
}

/** Explains every source of a namespace, in the order of their names. */
export function explain(
  state: RolloutState,
  model: RolloutModel,
  limits: RolloutLimits,
  now: Instant,
): Explanation[] {
  const groups = groupedBySource(model.pods);
  const { names, unmanaged } = managedSources(state, deployedSources(groups));
  const viewOf = viewsOf(model, limits, now, groups, []);
  const left = new Set(unmanaged);
  return [...names, ...unmanaged].sort().map((name) => {
    const view = viewOf(name, roomFor(name, state.sources, names.length));
    return explained(state.sources.get(name) ?? emptySource, view, !left.has(name));
  });
}

function explained(state: SourceState, view: SourceView, managed: boolean): Explanation {
  const have = haveOf(view);
  const { candidate } = state;
  const canaries = candidate?.canaries.map((canary) => ({
    pod: canary.name,
    ...standingOf(canary, candidate, view),
  })) ?? [];
  const { is, words } = managed
    ? standing(state, have, view)
    : { is: "unmanaged" as const, words: [tooMany] };
  return { source: view.source, state, have, canaries, is, why: [...words, ...besides(state, view)] };
}

function haveOf({ source, pods }: SourceView): Explanation["have"] {
  const groups = new Map<ContentId | undefined, { version: DataVersion | undefined; pods: number }>();
  for (const pod of pods) {
    const version = namesOf(pod, source).map((name) => liveOf(pod.statuses.get(name))).find((one) => one);
    const group = groups.get(version?.version) ?? { version, pods: 0 };
    groups.set(version?.version, { ...group, pods: group.pods + 1 });
  }
  return [...groups.values()].sort((a, b) => b.pods - a.pods);
}

function standing(
  state: SourceState,
  have: Explanation["have"],
  view: SourceView,
): { readonly is: Explanation["is"]; readonly words: string[] } {
  const { pin, candidate, knownGood, pausedAt } = state;
  if (view.pods.length === 0) return { is: "no-pods", words: ["no pod deploys it now"] };
  if (pin) return { is: "pinned", words: [`a person pinned ${shown(pin.version)}: everybody gets it`] };
  if (pausedAt !== undefined) {
    return { is: "paused", words: ["a person paused it: nothing is begun, judged or put back"] };
  }
  if (candidate) {
    const judgement = judge(state, candidate, view);
    const words = `candidate ${shown(candidate.version)}: ${judgement.words}`;
    return judgement.is === "hold"
      ? { is: "held", words: [`${words}; promote or reject it, or push a newer version`] }
      : { is: "probation", words: [words] };
  }
  if (!knownGood) return { is: "no-version", words: [noVersion(state, view)] };
  const behind = view.pods.length -
    (have.find(({ version }) => version?.version === knownGood.version)?.pods ?? 0);
  return behind === 0
    ? { is: "steady", words: [`every pod has the known good version ${shown(knownGood)}`] }
    : {
      is: "spreading",
      words: [`${counted(behind, "pod")} of ${view.pods.length} have not applied ${shown(knownGood)} yet`],
    };
}

function noVersion({ rejected }: SourceState, { model, source }: SourceView): string {
  if (!model.catalogue) return "the repository cannot be read, and nothing is known to be good";
  const versions = model.catalogue.get(source)?.versions ?? [];
  if (versions.length === 0) return "the repository has no version of it";
  return rejected.length > 0
    ? "the newest version is rejected, and nothing is known to be good: the next version goes to everybody"
    : "no pod may be asked";
}

/** What else a person should know. */
function besides({ waiting }: SourceState, view: SourceView): string[] {
  const { model, source, pods, group } = view;
  const trouble = model.catalogue?.get(source)?.trouble;
  const paused = pods.filter((pod) => pod.paused).map(({ name }) => name);
  const foreign = group.elsewhere.map(({ name }) => name);
  const unwatched = pods.filter(({ watched }) => !watched).map(({ name }) => name);
  return [
    waiting && `${shown(waiting)} waits`,
    model.paused && "the namespace is paused: nobody is asked for anything",
    model.catalogue === undefined && "the repository cannot be read: no newer version is begun",
    trouble && `its upstream cannot be read: ${trouble.message}`,
    paused.length > 0 && `paused, so never asked: ${listed(paused)}`,
    foreign.length > 0 && `of another repository, so not managed: ${listed(foreign)}`,
    unwatched.length > 0 && `without watchdogs, so judged by readiness and restarts: ${listed(unwatched)}`,
  ].filter((one): one is string => typeof one === "string");
}
