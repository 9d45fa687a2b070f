/**
 * Time of the eviction decision.
 *
 * @module
 */
import { Child } from "./child.ts";
import { type Figure, median } from "./figure.ts";

/** Scans that count; as many come first, until the program is compiled. */
const scans = 15;
/** Most milliseconds for 10,000 pods. */
const aim = 20;
/** Growth from 10,000 to 100,000 pods that is still taken for linear: memory caches hold less of the larger. */
const linear = 15;

/** Measures scans at each size. */
export async function decisionFigures(folder: string): Promise<Figure[]> {
  const small = await scanTime(1_000, folder);
  const middle = await scanTime(10_000, folder);
  const large = await scanTime(100_000, folder);
  const shown = (ms: number) => `${ms.toFixed(1)} ms`;
  const meaning = "one scan: caches to model, strikes, storms, decisions; 2 % of the pods fail";
  return [
    { what: "decision, 1,000 pods", value: shown(small), meaning },
    {
      what: "decision, 10,000 pods",
      value: shown(middle),
      aim: `under ${aim} ms`,
      met: middle < aim,
      meaning,
    },
    { what: "decision, 100,000 pods", value: shown(large), meaning },
    {
      what: "decision, growth",
      value: (large / middle).toFixed(1),
      aim: `at most ${linear}`,
      met: large <= linear * middle,
      meaning:
        "100,000 pods by 10,000: 10 is linear, but a larger model is less often in the processor's caches",
    },
  ];
}

/** The median time of a scan of so many pods, milliseconds. */
async function scanTime(pods: number, folder: string): Promise<number> {
  await using child = await Child.start("decision/scans.ts", [`${pods}`, `${scans}`], folder);
  await child.ask();
  return median(await child.ask<number[]>());
}
