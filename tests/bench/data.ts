/**
 * Data deployments: what is measured of them, by the names under which each part can be run alone.
 *
 * @module
 */
import { changeFigures } from "./data/change.ts";
import { firstSyncFigures } from "./data/first_sync.ts";
import { pushFigures } from "./data/push.ts";
import { serveFigures } from "./data/serve.ts";
import { versionFigures } from "./data/versions.ts";
import type { Figure } from "./figure.ts";

/** The parts, each measuring in a folder that goes with it. */
export const dataParts: Readonly<Record<string, (folder: string) => Promise<Figure[]>>> = {
  "data-change": changeFigures,
  "data-push": pushFigures,
  "data-first-sync": firstSyncFigures,
  "data-serve": serveFigures,
  "data-versions": versionFigures,
};
