/**
 * One source of one namespace, as every step of its decision sees it.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import type { PodUid } from "../../contract/ids.ts";
import { cleanText } from "../../contract/text.ts";
import type { Instant } from "../../contract/time.ts";
import { noPods, type PodGroups, type SourcePods } from "./grouped.ts";
import type { Room } from "./managed.ts";
import { type DataPod, isIll, type RolloutLimits, type RolloutModel } from "./model.ts";
import type { HappeningRule } from "./state.ts";

/** Something that happened to a source: said once, after the state was written. */
export interface Said {
  readonly source: string;
  readonly rule: HappeningRule;
  /** For people: one clean line. */
  readonly words: string;
  /** The pod that it is about, where it is about one. */
  readonly pod?: { readonly uid: PodUid; readonly name: string };
  readonly version?: DataVersion;
}

/** What a step sees, and where it says what it did. */
export interface SourceView {
  readonly source: string;
  readonly model: RolloutModel;
  readonly limits: RolloutLimits;
  readonly now: Instant;
  /** The pods that deploy the source and count, by name. */
  readonly pods: readonly DataPod[];
  /** Those too that deploy it and count no longer, and those that depend on it. */
  readonly group: SourcePods;
  /** Every pod of the namespace. */
  readonly podByUid: ReadonlyMap<PodUid, DataPod>;
  /** Most that the source may remember of pods, so that the state stays small. */
  readonly room: Room;
  say(rule: HappeningRule, words: string, about?: Pick<Said, "pod" | "version">): void;
}

/** Makes the views of a namespace's sources; what they say is added to `said`. */
export function viewsOf(
  model: RolloutModel,
  limits: RolloutLimits,
  now: Instant,
  groups: PodGroups,
  said: Said[],
): (source: string, room: Room) => SourceView {
  const podByUid = new Map(model.pods.map((pod) => [pod.uid, pod]));
  return (source, room) => {
    const group = groups.get(source) ?? noPods;
    return {
      source,
      model,
      limits,
      now,
      pods: group.present,
      group,
      podByUid,
      room,
      say: (rule, words, about) => said.push({ source, rule, words: cleanText(words, 300), ...about }),
    };
  };
}

/** Restarts that are no further apart may have one cause, milliseconds. */
export const atOnce = 120_000;

/**
 * Whether a pod is, or was lately, such that it would not count as a healthy canary: it is the last to become one, and
 * what is wrong with it then speaks against no version.
 */
export function isUnwell(pod: DataPod, { now, limits }: Pick<SourceView, "now" | "limits">): boolean {
  return isIll(pod) || now - (pod.restartedAt ?? -Infinity) < Math.max(limits.probation, atOnce);
}

/** A version as people know it: its name at the repository, without `.tar`. */
export function shown({ path }: Pick<DataVersion, "path">): string {
  return path.replace(/\.tar$/, "");
}

/** `3 pods`, `1 pod`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Up to three names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Milliseconds in words, rounded up. */
export function spent(ms: number): string {
  return ms >= 120_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.max(0, Math.ceil(ms / 1000))} s`;
}
