/**
 * Telling the story: what is common to a terminal and to plain lines.
 *
 * @module
 */
import { messageOf } from "../../lib/runtime/failure.ts";
import type { Stage, Step } from "./stage.ts";
import { NotSeen } from "./view.ts";

/** How far a step is. */
export interface Progress {
  readonly title: string;
  state: "to come" | "under way" | "seen" | "not seen";
  /** What was done, as a command where there is one. */
  readonly actions: string[];
  /** What was seen, or why it was not. */
  outcome: string;
  /** How long it took, milliseconds. */
  took: number;
}

/** Shows the reader how the story goes. */
export interface Teller {
  /** Something about a step has changed. */
  changed(step: Progress): void;
}

/** A story as it is told. */
export function progressOf(steps: readonly Step[]): Progress[] {
  return steps.map(({ title }) => ({ title, state: "to come", actions: [], outcome: "", took: 0 }));
}

/**
 * Plays the steps, up to the first that is not seen to happen: what follows stands on it.
 *
 * @param now milliseconds that only grow
 * @returns whether all were seen
 */
export async function play(
  steps: readonly Step[],
  progress: readonly Progress[],
  stage: Omit<Stage, "tell">,
  teller: Teller,
  now: () => number,
): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    const told = progress[index]!;
    const tell = (action: string) => {
      told.actions.push(action);
      teller.changed(told);
    };
    const began = now();
    const end = (state: Progress["state"], outcome: string) => {
      Object.assign(told, { state, outcome, took: now() - began });
      teller.changed(told);
    };
    told.state = "under way";
    teller.changed(told);
    try {
      end("seen", await step.play({ ...stage, tell }));
    } catch (error) {
      end("not seen", error instanceof NotSeen ? error.message : `it could not be done: ${messageOf(error)}`);
      return false;
    }
  }
  return true;
}
