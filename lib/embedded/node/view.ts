/**
 * How a pod's containers are: what decisions and statuses are made from.
 *
 * @module
 */
import type { PodPlan } from "./plan.ts";

/** The probe that a container fails so often that it must be restarted. */
export type Failing = "startup" | "liveness";

/** How a run of a container ended; times in milliseconds since 1970. */
export interface Ended {
  readonly code: number;
  /** The number of the signal that ended it, if one did. */
  readonly signal?: number;
  /** `Completed`, `Error`, `StartError`. */
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Unset where no process came to be. */
  readonly id?: string;
}

/** What a container is doing. Times of day in milliseconds since 1970, `...After` by the monotonic clock. */
export type ContainerState =
  | { readonly is: "new" }
  | {
    /** Something that it needs is missing or wrong. */
    readonly is: "refused";
    readonly reason: string;
    readonly message: string;
    readonly tryAfter: number;
  }
  | {
    readonly is: "running";
    readonly id: string;
    readonly startedAt: number;
    readonly started: boolean;
    readonly ready: boolean;
    readonly failing?: Failing;
  }
  | {
    readonly is: "ended";
    readonly end: Ended;
    /** A restart waits at least until then, */
    readonly restartAfter: number;
    /** which is so many milliseconds after it ended. */
    readonly delay: number;
  };

/** One container. */
export interface ContainerView {
  readonly state: ContainerState;
  /** It is being started or ended just now. */
  readonly busy: boolean;
  /** How the run before the present one ended. */
  readonly last?: Ended;
  readonly restarts: number;
}

/** A pod's containers by their names. */
export type PodView = ReadonlyMap<string, ContainerView>;

/** Whether a main container was ever tried: then the pod is initialized, whatever happens to its sidecars. */
export function hasBegun(plan: PodPlan, view: PodView): boolean {
  return plan.some(({ name, kind }) => kind === "main" && wasTried(view.get(name)!));
}

function wasTried({ state, busy }: ContainerView): boolean {
  return state.is !== "new" || busy;
}
