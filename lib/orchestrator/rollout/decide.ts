/**
 * Which pods are asked to have which data version now, and why. Pure: same model, same state, same answer.
 *
 * @module
 */
import type { Instant } from "../../contract/time.ts";
import { deployedSources, groupedBySource } from "./grouped.ts";
import { managedSources, roomFor } from "./managed.ts";
import type { RolloutLimits, RolloutModel } from "./model.ts";
import { rebuilt } from "./rebuild.ts";
import { type DataRequest, requestsOf } from "./requests.ts";
import { stepped } from "./source.ts";
import {
  emptyState,
  forgetAfter,
  type Happening,
  type HappeningRule,
  maxHistory,
  maxSources,
  type RolloutState,
  type SourceState,
} from "./state.ts";
import { type Said, type SourceView, viewsOf } from "./view.ts";

export { type DataRequest, type RequestRule, requestRules } from "./requests.ts";
export type { Said } from "./view.ts";

/** What to do now. */
export interface RolloutDecision {
  /** To be written before any request is; the same object where nothing changed. */
  readonly state: RolloutState;
  /** Again in every decision until the pods carry them. */
  readonly requests: readonly DataRequest[];
  /** What happened with this very decision, to be said once, after the state was written. */
  readonly said: readonly Said[];
  /** Sources that pods deploy and that are not managed, because there are too many: a person is to be told. */
  readonly unmanaged: readonly string[];
}

/** Why a source that no pod deploys is forgotten before its time. */
const noRoom =
  `other sources need its room, of which a namespace has ${maxSources}: what was known good is forgotten`;

/**
 * Decides about every source of a namespace.
 *
 * @param now wall-clock time: the state outlives the process. One that was set back only prolongs what runs
 */
export function decide(
  model: RolloutModel,
  state: RolloutState,
  limits: RolloutLimits,
  now: Instant,
): RolloutDecision {
  const said: Said[] = [];
  const groups = groupedBySource(model.pods);
  const { names, unmanaged, forgotten } = managedSources(state, deployedSources(groups));
  const viewOf = viewsOf(model, limits, now, groups, said);
  // What is decided already takes its room from what follows.
  const sources = new Map(state.sources);
  const requests: DataRequest[] = [];
  for (const name of forgotten) {
    sources.delete(name);
    said.push({ source: name, rule: "forgotten", words: noRoom });
  }
  for (const name of names) {
    const view = viewOf(name, roomFor(name, sources, names.length));
    const before = said.length;
    const next = stepped(state.sources.get(name) ?? rebuilt(view), view);
    if (isForgotten(next, view)) {
      sources.delete(name);
      continue;
    }
    sources.set(name, withHistory(next, said.slice(before), now));
    requests.push(...requestsOf(next, view));
  }
  return { state: isSame(sources, state.sources) ? state : { sources }, requests, said, unmanaged };
}

/** Whether a source was without pods for so long that it is forgotten. */
function isForgotten({ unseenSince }: SourceState, { now, say }: SourceView): boolean {
  if (unseenSince === undefined || now - unseenSince < forgetAfter) return false;
  say("forgotten", "no pod has deployed it for 30 days: what was known good and rejected is forgotten");
  return true;
}

/** What is too frequent, and told by what follows from it, for a source's history. */
const passing: ReadonlySet<HappeningRule> = new Set([
  "canaries-chosen",
  "canary-failing",
  "canary-replaced",
  "no-watchdogs",
]);

/** A source's state with what happened. */
export function withHistory(state: SourceState, said: readonly Said[], at: Instant): SourceState {
  const happened: Happening[] = said.filter(({ rule }) => !passing.has(rule))
    .map(({ rule, words }) => ({ at, rule, words }));
  if (happened.length === 0) return state;
  return { ...state, history: [...state.history, ...happened].slice(-maxHistory) };
}

function isSame(a: ReadonlyMap<string, SourceState>, b: ReadonlyMap<string, SourceState>): boolean {
  return a.size === b.size && [...a].every(([name, source]) => source === b.get(name));
}

/**
 * The state of a namespace of which nothing is remembered, from what its pods have; `said` tells what was lost. `decide`
 * does the same for every source that its state lacks, so this is for who wants to look without deciding.
 */
export function rebuild(
  model: RolloutModel,
  limits: RolloutLimits,
  now: Instant,
): Pick<RolloutDecision, "state" | "said"> {
  const said: Said[] = [];
  const groups = groupedBySource(model.pods);
  const { names } = managedSources(emptyState, deployedSources(groups));
  const viewOf = viewsOf(model, limits, now, groups, said);
  const sources = new Map(names.map((name) => {
    const before = said.length;
    const view = viewOf(name, roomFor(name, emptyState.sources, names.length));
    return [name, withHistory(rebuilt(view), said.slice(before), now)] as const;
  }));
  return { state: { sources }, said };
}
