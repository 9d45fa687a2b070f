/**
 * Which request annotations are missing or wrong.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { type DataPod, hasAnyLive, namesOf, requestedOf } from "./model.ts";
import type { SourceState } from "./state.ts";
import { shown, type SourceView } from "./view.ts";

/** Why a pod is asked to have a version. */
export const requestRules = [
  "first-version",
  "canary",
  "known-good",
  "put-back",
  "pin",
  "overwritten",
] as const;

/** One of the {@link requestRules}. */
export type RequestRule = typeof requestRules[number];

/** A request annotation to write. */
export interface DataRequest {
  readonly pod: DataPod;
  /** The data deployment's name, of `request.data.autocrane.io/NAME`. */
  readonly name: string;
  readonly source: string;
  readonly version: DataVersion;
  readonly why: { readonly rule: RequestRule; readonly words: string };
}

interface Wish {
  readonly rule: RequestRule;
  readonly version: DataVersion;
  readonly words: string;
}

/** The requests to write now, for every pod that may be asked; the same again until the pods carry them. */
export function requestsOf(state: SourceState, view: SourceView): DataRequest[] {
  const { source, model, pods } = view;
  if (model.paused) return [];
  const wishFor = wishesOf(state, view);
  return pods.filter(({ paused }) => !paused).flatMap((pod) => {
    const wish = wishFor(pod);
    if (!wish) return [];
    return namesOf(pod, source).filter((name) => !isMet(pod, name, wish.version, view)).map((name) => {
      const { rule, words, version } = told(pod, name, wish, state, view);
      return { pod, name, source, version, why: { rule, words } };
    });
  });
}

/** What a pod should have; nothing where it keeps what it has, or where there is no version to give. */
function wishesOf(state: SourceState, { source }: SourceView): (pod: DataPod) => Wish | undefined {
  const { pin, candidate, knownGood } = state;
  if (pin) {
    const words = `gets the pinned version ${shown(pin.version)}, as everybody`;
    return () => ({ rule: "pin", version: pin.version, words });
  }
  const canaries = new Set(candidate?.canaries.filter(({ failure }) => !failure).map(({ uid }) => uid));
  const returning = new Set(state.returning.filter((one) => one.doneAt === undefined).map(({ uid }) => uid));
  return (pod) => {
    if (candidate && canaries.has(pod.uid) && !candidate.toAll) {
      return {
        rule: "canary",
        version: candidate.version,
        words: `is a canary of ${shown(candidate.version)}`,
      };
    }
    if (knownGood && returning.has(pod.uid)) {
      return {
        rule: "put-back",
        version: knownGood,
        words: `goes back to the known good ${shown(knownGood)}`,
      };
    }
    if (knownGood) {
      return { rule: "known-good", version: knownGood, words: `gets the known good ${shown(knownGood)}` };
    }
    const keeps = hasAnyLive(pod, source) || requestedOf(pod, source).length > 0;
    if (!candidate || (keeps && !candidate.toAll)) return undefined;
    const words = `gets ${shown(candidate.version)}: nothing is known to be good yet`;
    return { rule: "first-version", version: candidate.version, words };
  };
}

/**
 * Whether a pod's request asks for the version. The same content under another digest will do as long as the
 * repository has that packing, or the pod has the content: nobody fetches anew what he has.
 */
function isMet(pod: DataPod, name: string, wanted: DataVersion, { source, model }: SourceView): boolean {
  const request = pod.requests.get(name);
  if (!request || "problem" in request || request.version !== wanted.version) return false;
  if (isSame(request, wanted) || model.catalogue === undefined) return true;
  const status = pod.statuses.get(name);
  if (status?.state === "applied" && isSame(status, request)) return true;
  return model.catalogue.get(source)?.versions.some((one) => isSame(one, request)) ?? false;
}

function isSame(a: DataVersion, b: DataVersion): boolean {
  return a.digest === b.digest && a.version === b.version && a.path === b.path && a.hash === b.hash;
}

/** A request for what the pod was never to have is told as one. */
function told(pod: DataPod, name: string, wish: Wish, state: SourceState, view: SourceView): Wish {
  const request = pod.requests.get(name);
  if (!request || wish.rule === "put-back" || wish.rule === "first-version") return wish;
  const problem = "problem" in request
    ? `its request ${request.problem}`
    : isOurs(pod, request, state, view)
    ? undefined
    : `its request for ${shown(request)} is none that it should have`;
  return problem === undefined
    ? wish
    : { ...wish, rule: "overwritten", words: `${problem}: it ${wish.words}` };
}

function isOurs(
  pod: DataPod,
  request: DataVersion,
  state: SourceState,
  { source, model }: SourceView,
): boolean {
  const { candidate, knownGood, previous, pin, rejected, waiting } = state;
  if (candidate && request.version === candidate.version.version) {
    return [...candidate.canaries, ...candidate.late].some(({ uid }) => uid === pod.uid);
  }
  const known = [
    knownGood,
    previous,
    pin?.version,
    waiting,
    ...rejected,
    ...(model.catalogue?.get(source)?.versions ?? []),
  ];
  return known.some((one) => one?.version === request.version) ||
    (candidate?.before.includes(request.version) ?? false);
}
