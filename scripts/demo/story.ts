/**
 * The demo's story: what is done, and what must then be seen to happen.
 *
 * @module
 */
import { dataAct } from "./data_act.ts";
import type { Step } from "./stage.ts";
import { watchdogsAct } from "./watchdogs_act.ts";

/** The story, in order. */
export const story: readonly Step[] = [...watchdogsAct, ...dataAct];
