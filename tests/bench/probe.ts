/**
 * Processor time a probe.
 *
 * @module
 */
import { Child } from "./child.ts";
import { type Figure, median } from "./figure.ts";
import type { Round } from "./probe/caller.ts";

/** How many pods are probed, and how often each, milliseconds. */
const pods = 10_000;
const interval = 4_000;
/** Rounds that count; one more comes first. */
const rounds = 5;

/** Microseconds on the machine on which the aims were set: at most so many a probe, where fetch takes so many. */
const aim = { probe: 110, fetch: 83 };

const kinds = ["tcp", "fetch", "prober"] as const;
type Kind = (typeof kinds)[number];

/** Measures the prober beside its yardsticks, turn by turn: what else the machine does hits all of them. */
export async function probeFigures(folder: string): Promise<Figure[]> {
  await using server = await Child.start("probe/answers.ts", [], folder);
  const { port } = await server.ask<{ port: number }>();
  const start = (kind: Kind) =>
    Child.start("probe/caller.ts", [kind, `${pods}`, `${interval}`, `${port}`], folder);
  await using tcp = await start("tcp");
  await using fetch = await start("fetch");
  await using prober = await start("prober");
  const children = { tcp, fetch, prober };
  const seen: Record<Kind, number[]> = { tcp: [], fetch: [], prober: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const kind of kinds) {
      const { cpu, probes } = await children[kind].ask<Round>();
      if (round > 0) seen[kind].push(cpu / probes);
    }
  }
  return figures(seen);
}

function figures({ tcp, fetch, prober }: Record<Kind, readonly number[]>): Figure[] {
  const shown = (values: readonly number[]) =>
    `${median(values).toFixed(0)} us (${Math.min(...values).toFixed(0)} to ${
      Math.max(...values).toFixed(0)
    })`;
  const ratio = median(prober) / median(fetch);
  const most = aim.probe / aim.fetch;
  return [
    {
      what: "yardstick: bare TCP",
      value: shown(tcp),
      meaning: "connect, write, read, close: no HTTP at all",
    },
    { what: "yardstick: fetch", value: shown(fetch), meaning: "Deno's fetch, a fresh connection each" },
    {
      what: "probe",
      value: shown(prober),
      meaning: `processor time a probe of the whole prober: ${pods} pods, ${
        pods * 1000 / interval
      } probes a second`,
    },
    {
      what: "probe / fetch",
      value: ratio.toFixed(2),
      aim: `at most ${most.toFixed(2)}`,
      met: ratio <= most,
      meaning: `the same as a ratio; the aim is ${aim.probe} us where fetch takes ${aim.fetch} us`,
    },
    {
      what: "probe / bare TCP",
      value: (median(prober) / median(tcp)).toFixed(2),
      meaning: "what HTTP, scheduling, sharing, verdicts and metrics add",
    },
  ];
}
