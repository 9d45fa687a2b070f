/**
 * What the repository's catalogue means for a source: the newest version, and the newest packing of known contents.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { type Candidate, isRejected, type SourceState } from "./state.ts";
import type { SourceView } from "./view.ts";

/** The newest version at the repository; `undefined` where the repository or the source cannot be read. */
export function newestOf({ model, source }: Pick<SourceView, "model" | "source">): DataVersion | undefined {
  return model.catalogue?.get(source)?.versions.at(-1);
}

/** What the repository has that is newer than the candidate and may be asked for: also known good once more. */
export function newerThan(
  candidate: Candidate,
  state: SourceState,
  view: SourceView,
): DataVersion | undefined {
  const newest = newestOf(view) ?? state.waiting;
  if (!newest || newest.version === candidate.version.version) return undefined;
  return isRejected(state, newest.version) ? undefined : newest;
}

/**
 * The state with what the repository says: the same content packed again is the same version under its newest digest,
 * and of what came later only the newest waits. The same object where nothing is new.
 */
export function refreshed(state: SourceState, view: SourceView): SourceState {
  return withWaiting(withDigests(state, view), view);
}

function withDigests(state: SourceState, { model, source }: SourceView): SourceState {
  const versions = model.catalogue?.get(source)?.versions ?? [];
  const packed = new Map(versions.map((one) => [one.version, one]));
  const { candidate, knownGood, previous, pin } = state;
  const latest = (version: DataVersion | undefined) => version && (packed.get(version.version) ?? version);
  const changes: Partial<SourceState> = {
    ...(isNew(latest(knownGood), knownGood) && { knownGood: latest(knownGood) }),
    ...(isNew(latest(previous), previous) && { previous: latest(previous) }),
    ...(candidate && isNew(latest(candidate.version), candidate.version) && {
      candidate: { ...candidate, version: latest(candidate.version)! },
    }),
    ...(pin && isNew(latest(pin.version), pin.version) && { pin: { ...pin, version: latest(pin.version)! } }),
  };
  return Object.keys(changes).length === 0 ? state : { ...state, ...changes };
}

function withWaiting(state: SourceState, view: SourceView): SourceState {
  const newest = newestOf(view) ?? state.waiting;
  const waiting = newest && waits(newest, state) ? newest : undefined;
  if (!isNew(waiting, state.waiting)) return state;
  const { waiting: _, ...rest } = state;
  return waiting ? { ...rest, waiting } : rest;
}

function waits({ version }: DataVersion, state: SourceState): boolean {
  return version !== state.candidate?.version.version && version !== state.knownGood?.version &&
    !isRejected(state, version);
}

function isNew(a: DataVersion | undefined, b: DataVersion | undefined): boolean {
  return a?.digest !== b?.digest || a?.path !== b?.path || a?.hash !== b?.hash || a?.version !== b?.version;
}
