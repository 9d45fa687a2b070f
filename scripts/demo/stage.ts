/**
 * What the steps of the demo's story share.
 *
 * @module
 */
import type { Event, Pod } from "../../k8s/core_v1.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import type { Upstream } from "./upstream.ts";
import type { View } from "./view.ts";
import type { Ports } from "./workloads.ts";

/** Where the demo's cluster and its data are on this machine. */
export interface Site {
  /** The node's own address. */
  readonly host: string;
  /** Where the data comes from. */
  readonly upstream: Upstream;
}

/** What a step works with. */
export interface Stage extends Site {
  readonly view: View;
  readonly client: Transport;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  /** Shows the reader what is being done, as a command where there is one. */
  readonly tell: (action: string) => void;
}

/** A part of the story. */
export interface Step {
  readonly title: string;
  /**
   * Does it and waits until it is seen.
   *
   * @returns what was seen
   * @throws NotSeen where it is not seen in time
   */
  readonly play: (stage: Stage) => Promise<string>;
}

/** Pods come up side by side, on a machine that may be busy. Milliseconds. */
export const startMs = 60_000;

/** What AutoCrane does takes it a few seconds here. Milliseconds. */
export const actMs = 30_000;

/** AutoCrane's Events on a pod with this reason, oldest first. */
export function eventsFor(view: View, pod: Pod, reason: string): Event[] {
  return view.eventsOn(pod).filter((event) => event.reason === reason);
}

/** What an Event says, for people. */
export function noteOf({ message }: Event): string {
  return message ?? "";
}

/** A pod's name. */
export function nameOf({ metadata }: Pod): string {
  return metadata!.name!;
}

/** A data version's name, with as much of its commit as people look at. */
export function shortPath(path: string): string {
  return path.replace(/-([0-9a-f]{7})[0-9a-f]*\.tar$/, "-$1");
}
