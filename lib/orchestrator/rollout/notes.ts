/**
 * What is written beside a state: for the repository, and for people who ask `autocrane data`.
 *
 * @module
 */
import * as v from "valibot";
import {
  type Catalogue,
  formatCatalogue,
  formatKept,
  parseCatalogue,
} from "../../contract/data_catalogue.ts";
import { byteLength } from "../../contract/text.ts";
import { keptOf } from "./kept.ts";
import type { RolloutLimits, RolloutModel } from "./model.ts";
import type { RolloutState } from "./state.ts";
import type { Notes } from "./store.ts";

/** Most bytes of the catalogue's excerpt, and of how many versions a source it may tell: as many as fit. */
const maxCatalogueBytes = 100_000;
const versionsTold = [10, 3, 1];

/** What is decided by: the limits, and the repository that is asked. */
export interface Going extends RolloutLimits {
  readonly repositoryUrl: string;
}

const goingShape = v.object({
  repositoryUrl: v.string(),
  canaryPercent: v.number(),
  probation: v.number(),
  failingPercent: v.number(),
  applyDeadline: v.number(),
});

/** The notes for a state. */
export function notesOf(state: RolloutState, model: RolloutModel, going: Going): Notes {
  const { repositoryUrl, canaryPercent, probation, failingPercent, applyDeadline } = going;
  return {
    kept: formatKept(keptOf(state, model)),
    catalogue: model.catalogue && excerpt(model.catalogue, state),
    settings: JSON.stringify({ repositoryUrl, canaryPercent, probation, failingPercent, applyDeadline }),
  };
}

/** Whether two notes say the same. */
export function sameNotes(a: Notes, b: Notes): boolean {
  return a.kept === b.kept && a.catalogue === b.catalogue && a.settings === b.settings;
}

/** The newest versions of the sources that the namespace deploys, so that people may name them. */
function excerpt(catalogue: Catalogue, { sources }: RolloutState): string | undefined {
  for (const most of versionsTold) {
    const some = [...catalogue].filter(([name]) => sources.has(name))
      .map(([name, one]) => [name, { ...one, versions: one.versions.slice(-most) }] as const);
    const text = formatCatalogue(new Map(some));
    if (byteLength(text) <= maxCatalogueBytes) return text;
  }
  return undefined;
}

/** Reads what is decided by; `undefined` where there is nothing to be read. */
export function goingIn({ settings }: Notes): Going | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), goingShape), settings);
  return read.success ? read.output : undefined;
}

/** Reads the excerpt; `undefined` where the repository could not be read. */
export function catalogueIn({ catalogue }: Notes): Catalogue | undefined {
  const read = catalogue === undefined ? undefined : parseCatalogue(catalogue);
  return read && !("problem" in read) ? read : undefined;
}
