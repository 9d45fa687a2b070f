/**
 * Makes probes, by the prober or by a yardstick, and counts the processor time that its own process takes.
 *
 * Arguments: what makes them (`prober`, `tcp` or `fetch`), how many pods, milliseconds from one probe of a pod
 * to the next, the pods' port.
 *
 * @module
 */
import process from "node:process";
import { answer } from "../child.ts";
import { proberCaller } from "./prober.ts";
import { fetchOnce, paced, tcpOnce } from "./yardsticks.ts";

/** Something that probes. */
export interface Caller {
  /** Brings it to its steady state. */
  begin(): Promise<void>;
  /** Runs for one interval; how many probes it made. */
  interval(): Promise<number>;
  end(): void;
}

/** What a caller probes: how many pods, on which port, how often each, in milliseconds. */
export interface Load {
  readonly pods: number;
  readonly port: number;
  readonly interval: number;
}

/** One round's figures. */
export interface Round {
  readonly probes: number;
  /** Microseconds of processor time, user and system. */
  readonly cpu: number;
}

/** The address of the n-th pod, in 127/8. */
export function addressOf(n: number): string {
  return `127.${1 + Math.floor(n / 62_500)}.${Math.floor(n / 250) % 250}.${1 + n % 250}`;
}

async function measure(caller: Caller): Promise<Round> {
  await caller.begin();
  const before = process.cpuUsage();
  const probes = await caller.interval();
  const { user, system } = process.cpuUsage(before);
  caller.end();
  return { probes, cpu: user + system };
}

if (import.meta.main) {
  const [kind, pods, interval, port] = Deno.args;
  const load = { pods: Number(pods), interval: Number(interval), port: Number(port) };
  const caller = kind === "prober" ? proberCaller(load) : paced(load, kind === "tcp" ? tcpOnce : fetchOnce);
  answer(() => measure(caller));
}
