/**
 * How many probes one pod may cause. Its annotations can ask for thousands a second, which would keep the
 * prober from everybody else's.
 *
 * @module
 */
import type { ProbeSpec } from "../../contract/probe.ts";

/** A watchdog that can be probed. */
export type Probe = Extract<ProbeSpec, { target: unknown }>;

/** Most probes of one pod in a second, over its watchdogs. */
export const maxProbesASecond = 64;

/** By what the intervals of a pod's probes are multiplied so that they keep to the rate; 1 where they do. */
export function stretchOf(probes: Iterable<Probe>): number {
  let perSecond = 0;
  for (const { options } of probes) perSecond += 1000 / options.interval;
  return Math.max(1, perSecond / maxProbesASecond);
}

/**
 * Milliseconds within which so many watchdogs of a pod are probed for the first time: one whose interval is an
 * hour must not wait an hour until anything is known.
 */
export function firstWithin(probes: number): number {
  return Math.max(30_000, soon(probes));
}

/** Milliseconds within which so many first probes of a pod are made where they are to be made soon. */
export function soon(probes: number): number {
  return Math.max(1, probes / maxProbesASecond) * 1000;
}
