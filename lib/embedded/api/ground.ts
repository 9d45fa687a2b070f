/**
 * What everything in the API stands on.
 *
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import type { ObjectStore } from "./store.ts";

/** The objects and the time. */
export interface Ground {
  readonly store: ObjectStore;
  readonly clock: Clock;
}
